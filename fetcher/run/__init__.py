"""A run as a whole: its arguments, the order of visits, hosts to leave alone, the circuit breaker, and its end.

Scrapy's parts and `fleet` use all of these modules.
"""
