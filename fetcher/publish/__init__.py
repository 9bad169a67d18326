"""Publishes what the last run changed as branches with pull requests, on GitHub and GitLab.

Other packages call `publishing.publish`, which raises `failures.PublishError`.
"""
