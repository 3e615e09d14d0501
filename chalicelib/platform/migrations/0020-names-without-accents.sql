-- Names as they are typed without accents, so that `nguyen` finds Nguyễn. Its index is 0021.

CREATE EXTENSION IF NOT EXISTS unaccent;

-- unaccent() itself is only STABLE, since its rules might change; the ones that are named here change with a major version of
-- PostgreSQL at most, after which `leads_search_folded` is to be built again (docs/operations.md).
-- safe while the old code serves: it is a new function, which the old code does not call.
CREATE FUNCTION folded(written text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN public.unaccent('public.unaccent'::regdictionary, written);
