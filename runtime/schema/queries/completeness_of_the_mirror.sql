-- title: Completeness of the mirror
-- description: Packages, notices and members set aside by month, from the ledger; missing_issue_count is how many issues
--   lie between the lowest and the highest of the month without a package.
SELECT
    year,
    month(publication_date) AS month_number,
    count(*) AS package_count,
    max(ojs_issue) - min(ojs_issue) + 1 - count(*) AS missing_issue_count,
    sum(member_count) AS member_count,
    sum(notice_count) AS notice_count,
    sum(quarantined_count) AS quarantined_count,
    sum(skipped_count) AS skipped_count,
    sum(duplicate_count) AS duplicate_count,
    sum(notice_count) - sum(duplicate_count) AS published_count
FROM packages
GROUP BY year, month(publication_date)
ORDER BY year DESC, month_number DESC
