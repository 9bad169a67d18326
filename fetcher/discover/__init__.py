"""What a site publishes and no seed holds yet."""
