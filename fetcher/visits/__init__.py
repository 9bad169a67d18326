"""Visits: from the answer to a request for a page to the new texts of the seeds that store it.

`inspection` decides what to fetch and who reads it, `visit` turns an answer into results, and `recall` reads and
updates what is remembered of the page. `fetched` and `results` hold the data that these exchange.
"""
