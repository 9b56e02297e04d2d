"""SQL that must be there before the tables of `customers` are made (migrations run these in this order).

EXTENSIONS: trigram indexes for searches by part of a name. HOLDS_A_CARD_NUMBER: the rule of `customers.cards` inside the
database, for check constraints; IMMUTABLE, and it uses nothing but built-in functions, so a restored dump finds all it needs.
"""

from customers.cards import LAYOUTS, LONGEST, MARKS, READ_AS, READ_FROM, SHORTEST

EXTENSIONS = "CREATE EXTENSION IF NOT EXISTS pg_trgm"
DROP_EXTENSIONS = ""  # another application of the same database may use it

_LAYOUTS = ", ".join(f"'{','.join(map(str, layout))}'" for layout in sorted(LAYOUTS))

HOLDS_A_CARD_NUMBER = f"""
CREATE OR REPLACE FUNCTION holds_a_card_number(value text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 5 AS $body$
DECLARE
    run text[];
    marked boolean;
    parts text[];
    candidate text;
    lengths text;
    first integer;
    last integer;
    place integer;
    digit integer;
    total integer;
BEGIN
    IF octet_length(value) <> length(value) OR strpos(value, chr(9)) > 0 THEN
        value := translate(value, U&'{"".join(f"{chr(92)}+{ord(c):06X}" for c in READ_FROM)}', '{READ_AS}');
    END IF;
    -- Two steps, the cheap one first: nearly every value ends here.
    IF value !~ '[0-9]([ ._/,:|-]{{0,3}}[0-9]){{12}}' THEN
        RETURN false;
    END IF;
    FOR run IN
        SELECT regexp_matches(value, '(\\+?)([0-9](?:[ -]{{0,3}}[0-9]){{12,}})', 'g')
        UNION ALL SELECT ARRAY['marked', matched[1]] FROM regexp_matches(value, '([0-9]+(?:{MARKS}[0-9]+)+)', 'g') AS matched
    LOOP
        marked := run[1] = 'marked';
        parts := regexp_split_to_array(run[2], CASE WHEN marked THEN '{MARKS}' ELSE '[ -]+' END);
        <<windows>>
        FOR first IN 0 .. cardinality(parts) LOOP  -- 0: the whole run
            candidate := '';
            lengths := '';
            FOR last IN greatest(first, 1) .. CASE WHEN first = 0 THEN 1 ELSE least(first + 4, cardinality(parts)) END LOOP
                CONTINUE WHEN marked AND first = 0;
                IF first = 0 THEN
                    candidate := array_to_string(parts, '');
                ELSE
                    candidate := candidate || parts[last];
                    lengths := lengths || CASE WHEN lengths = '' THEN '' ELSE ',' END || length(parts[last]);
                    CONTINUE WHEN (marked OR last > first) AND lengths NOT IN ({_LAYOUTS});
                END IF;
                CONTINUE WHEN length(candidate) NOT BETWEEN {SHORTEST} AND {LONGEST} OR candidate LIKE '0%';
                CONTINUE WHEN length(candidate) = {SHORTEST}
                    AND (candidate LIKE '1%' OR (run[1] = '+' AND first <= 1));
                total := 0;
                FOR place IN 1 .. length(candidate) LOOP
                    digit := substr(candidate, length(candidate) + 1 - place, 1)::integer * (2 - place % 2);
                    total := total + CASE WHEN digit > 9 THEN digit - 9 ELSE digit END;
                END LOOP;
                IF total % 10 = 0 THEN
                    RETURN true;
                END IF;
            END LOOP;
        END LOOP;
    END LOOP;
    RETURN false;
END
$body$
"""  # noqa: S608 - constants
DROP_HOLDS_A_CARD_NUMBER = "DROP FUNCTION IF EXISTS holds_a_card_number(text)"

# (what to run, what undoes it), in order: each a migrations.RunSQL before the first CreateModel of `customers`.
BEFORE_TABLES = ((EXTENSIONS, DROP_EXTENSIONS), (HOLDS_A_CARD_NUMBER, DROP_HOLDS_A_CARD_NUMBER))
