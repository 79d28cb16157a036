-- title: Published indicators
-- description: What the Commission's Single Market Scoreboard and the European Court of Auditors have published, each with
--   its edition and source: values of a year, or the thresholds of an edition. The Scoreboard's typical country is a median
--   of countries; the Court counts procedures, and excludes otherwise than we do. The publication rate is left out, for it
--   needs the gross domestic product.
SELECT
    indicator,
    scope,
    year,
    CAST(value AS decimal(18,6)) AS value,
    CAST(green AS decimal(18,6)) AS green,
    CAST(red AS decimal(18,6)) AS red,
    edition,
    source
FROM (
    VALUES
    ('single_bid', 'median', 2024, 28.0, NULL, NULL, 'Single Market Scoreboard 2024', 'single-market-scoreboard.ec.europa.eu/business-framework-conditions/public-procurement_en'),
    ('no_call', 'median', 2024, 5.0, NULL, NULL, 'Single Market Scoreboard 2024', 'single-market-scoreboard.ec.europa.eu/business-framework-conditions/public-procurement_en'),
    ('lowest_price', 'median', 2024, 54.0, NULL, NULL, 'Single Market Scoreboard 2024', 'single-market-scoreboard.ec.europa.eu/business-framework-conditions/public-procurement_en'),
    ('sme', 'median', 2024, 71.0, NULL, NULL, 'Single Market Scoreboard 2024', 'single-market-scoreboard.ec.europa.eu/business-framework-conditions/public-procurement_en'),
    ('in_lots', 'median', 2024, 32.0, NULL, NULL, 'Single Market Scoreboard 2024', 'single-market-scoreboard.ec.europa.eu/business-framework-conditions/public-procurement_en'),
    ('single_bid', 'threshold', 2015, NULL, 10.0, 20.0, 'Single Market Scoreboard 2015', 'ec.europa.eu/internal_market/scoreboard/_archives/2015/04'),
    ('no_call', 'threshold', 2015, NULL, 5.0, 10.0, 'Single Market Scoreboard 2015', 'ec.europa.eu/internal_market/scoreboard/_archives/2015/04'),
    ('joint', 'threshold', 2015, NULL, 10.0, 10.0, 'Single Market Scoreboard 2015', 'ec.europa.eu/internal_market/scoreboard/_archives/2015/04'),
    ('lowest_price', 'threshold', 2015, NULL, 80.0, 80.0, 'Single Market Scoreboard 2015', 'ec.europa.eu/internal_market/scoreboard/_archives/2015/04'),
    ('single_bid', 'pooled', 2011, 23.5, NULL, NULL, 'European Court of Auditors, special report 28/2023', 'www.eca.europa.eu, special report 28/2023 (Public procurement in the EU)'),
    ('single_bid', 'pooled', 2021, 41.8, NULL, NULL, 'European Court of Auditors, special report 28/2023', 'www.eca.europa.eu, special report 28/2023 (Public procurement in the EU)'),
    ('no_call', 'pooled', 2021, 15.8, NULL, NULL, 'European Court of Auditors, special report 28/2023', 'www.eca.europa.eu, special report 28/2023 (Public procurement in the EU)'),
    ('cross_border', 'pooled', 2011, 2.0, NULL, NULL, 'European Court of Auditors, special report 28/2023', 'www.eca.europa.eu, special report 28/2023 (Public procurement in the EU)'),
    ('cross_border', 'pooled', 2021, 5.0, NULL, NULL, 'European Court of Auditors, special report 28/2023', 'www.eca.europa.eu, special report 28/2023 (Public procurement in the EU)')
) AS published (indicator, scope, year, value, green, red, edition, source)
