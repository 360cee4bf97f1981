"""The one way out of a step: connections, proxies, certificates, what failed on the way, and whose an answer is."""
