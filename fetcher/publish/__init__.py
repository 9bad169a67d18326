"""From the last report to branches, and requests to review them, on GitHub and GitLab.

`publishing.publish` is the whole of it, and `failures.PublishError` what it raises.
"""
