-- A part of a name that is typed without accents; `leads_search` serves who types them.
DROP INDEX CONCURRENTLY IF EXISTS leads_search_folded;
CREATE INDEX CONCURRENTLY leads_search_folded ON leads USING gin (folded(name) gin_trgm_ops);
