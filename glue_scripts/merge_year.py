"""Glue job: merge one year. Arguments in, Spark session, runtime.merge, publish.

    merge_year.py --YEAR 2019 --EXTRACTED_BUCKET nfr-cca-ted-extracted-dev --BUCKET_OWNER 123456789012 \
        --GLUE_DATABASE nfr_cca_ted_dev

Glue adds arguments of its own (--JOB_NAME, --JOB_RUN_ID, …); those that are not known here are left alone.
"""

import argparse
import datetime as dt
import sys
import traceback
from collections.abc import Sequence

import boto3

from runtime.buckets import Bucket
from runtime.errors import CcaTedError
from runtime.merge.catalog import STARTED_BY, Catalog, claim_year
from runtime.merge.plan import parse_year
from runtime.merge.spark import SparkTables, start_session
from runtime.merge.year import merge_year, new_run_id


def parse_arguments(argv: Sequence[str]) -> argparse.Namespace:
    """Read the job's arguments; unknown ones are Glue's."""
    parser = argparse.ArgumentParser(
        prog="merge_year.py", description="Merge and publish one year.", allow_abbrev=False
    )
    parser.add_argument("--YEAR", dest="year", required=True, help="year to merge, as in 2019")
    parser.add_argument("--EXTRACTED_BUCKET", dest="bucket", required=True, help="bucket with the extracted packages")
    parser.add_argument("--BUCKET_OWNER", dest="owner", required=True, help="account that the bucket must belong to")
    parser.add_argument("--GLUE_DATABASE", dest="database", required=True, help="database of the Glue catalog")
    parser.add_argument("--JOB_NAME", dest="job", default="", help="the Glue job; given by Glue")
    parser.add_argument("--JOB_RUN_ID", dest="run", default="", help="the run of the Glue job; given by Glue")
    parser.add_argument(STARTED_BY, dest="started_by", default="", help="the run of the pipeline that waits for this")
    return parser.parse_known_args(argv)[0]


def say(line: str) -> None:
    """Write a line to the job's log at once."""
    print(line, flush=True)


def main(argv: Sequence[str]) -> None:
    """Merge the year that the arguments name."""
    arguments = parse_arguments(argv)
    year = parse_year(arguments.year, dt.datetime.now(dt.UTC).date())
    glue = boto3.client("glue")
    done = ""
    if arguments.job and arguments.run:
        done = claim_year(glue, arguments.job, arguments.run, year, started_by=arguments.started_by)
    if done:
        say(f"{year}: merged by run {done}, which {arguments.started_by} started before; nothing is left to do")
        return
    bucket = Bucket(boto3.client("s3"), arguments.bucket, arguments.owner)
    merge_year(
        year=year,
        run=arguments.run or new_run_id(dt.datetime.now(dt.UTC)),
        bucket=bucket,
        catalog=Catalog(glue, arguments.database),
        tables=SparkTables(start_session(f"merge {year}"), lambda key: f"s3://{bucket.name}/{key}"),
        now=lambda: dt.datetime.now(dt.UTC),
        report=say,
    )


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except CcaTedError as error:
        # Glue shows the last line of what was raised; the log has the rest.
        traceback.print_exc()
        sys.exit(f"{type(error).__name__}: {error}")
