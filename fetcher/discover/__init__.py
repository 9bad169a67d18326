"""Finds pages that the sites of the seeds publish and that have no seed yet; `survey` does it for one site."""
