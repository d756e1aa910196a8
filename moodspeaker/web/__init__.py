"""The HTTP API and the page: `app` listens, `access` lets in, `routes/` has one module a resource."""
