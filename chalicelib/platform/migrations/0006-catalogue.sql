-- What staff keep beside categories, materials and unit prices, and what makes a change of it visible at once.

-- A setting exists because the product knows it: staff change values, releases add settings.
CREATE TABLE settings (
    key text PRIMARY KEY CHECK (key ~ '^[a-z][A-Za-z0-9]{0,59}$'),
    type text NOT NULL CHECK (type IN ('text', 'integer', 'number', 'boolean')),
    value jsonb NOT NULL,
    is_public boolean NOT NULL DEFAULT false,
    validation jsonb NOT NULL DEFAULT '{}',      -- {min, max} of numbers; {minLength, maxLength, pattern} of texts
    description text NOT NULL
);
INSERT INTO settings (key, type, value, is_public, validation, description) VALUES
    ('companyName', 'text', '"Plumbline"', true, '{"minLength": 1, "maxLength": 100}', 'Our name on every page.'),
    ('companyPhone', 'text', '""', true, '{"maxLength": 20, "pattern": "^[0-9+ ]*$"}', 'The number that visitors may call.'),
    ('serviceHours', 'text', '""', true, '{"maxLength": 200}', 'When somebody answers that number.'),
    ('consentVersion', 'text', '"2026-01"', true, '{"minLength": 1, "maxLength": 40}', 'The version of the consent text.'),
    ('consentText', 'text', '""', true, '{"maxLength": 2000}', 'What a visitor agrees to when sending a form.'),
    ('furnitureQuotesOpen', 'boolean', 'true', true, '{}', 'Whether the page offers furniture quotes.'),
    ('callBackMinutes', 'integer', '5', false, '{"min": 1, "max": 1440}', 'Within how many minutes a lead should be called.');

CREATE TABLE regions (
    id uuid PRIMARY KEY,
    parent_id uuid REFERENCES regions (id),      -- NULL for the upper of the two levels
    code text NOT NULL UNIQUE,
    name text NOT NULL,
    position integer NOT NULL DEFAULT 0
);
CREATE INDEX regions_by_parent ON regions (parent_id, position);

CREATE TABLE furniture_products (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    description text NOT NULL DEFAULT '',
    unit text NOT NULL CHECK (unit IN ('M2', 'LINEAR')),   -- priced by length × width, or by length
    unit_price numeric(18, 4) NOT NULL CHECK (unit_price >= 0),
    fit_in_type text NOT NULL CHECK (fit_in_type IN ('FIXED', 'PERCENTAGE')),
    fit_in_value numeric(18, 4) NOT NULL CHECK (fit_in_value >= 0),   -- an amount a piece, or per cent of its price
    position integer NOT NULL DEFAULT 0
);

CREATE TABLE furniture_fees (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    type text NOT NULL CHECK (type IN ('FIXED', 'PERCENTAGE')),
    value numeric(18, 4) NOT NULL CHECK (value >= 0),      -- an amount a quote, or per cent of its subtotal
    position integer NOT NULL DEFAULT 0
);

-- Everything of the catalogue has an address of its own; a tag may be corrected.
ALTER TABLE unit_prices ADD COLUMN id uuid NOT NULL UNIQUE DEFAULT gen_random_uuid();

-- How often the answers kept of a namespace were made stale, and up to which of these times the cache was told.
CREATE TABLE cache_invalidations (
    namespace text PRIMARY KEY,
    changes bigint NOT NULL,                     -- raised by each change, in its own transaction
    told bigint NOT NULL DEFAULT 0
);

-- Locked first by whoever changes the catalogue: what formulas need and what is in use is judged one after the other.
CREATE TABLE catalogue_turn (turn boolean PRIMARY KEY CHECK (turn));
INSERT INTO catalogue_turn VALUES (true);
