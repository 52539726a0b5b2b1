"""The web: pages (Jinja2, htmx) and the REST API over FastAPI. No rule lives here.

app        make(house): every route, checked to say who may use it
house      what pages need, typed by the ports
access     who may use a route: one declaration at the route, one place that decides
visit      one request: who asks, in which language, about which task
addresses  where the pages stand, as others are told
entering   signing in: tries, sessions, browsers that are known
shell      around every request: the same origin, headers, log lines
errors     what went wrong, as a page or as problem+json
plain      forms that no definition makes
fixed      values of definitions that nobody chooses, with their titles
render     templates and assets
words      every word of every page, in Chinese and English
pages      pages for people
api        the REST API
"""
