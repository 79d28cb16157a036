"""What Spark's Java loads, kept in one file beside Spark: a run begins with it instead of reading thousands of classes.

`python -m console.aws.spark_classes` writes the file, once for each installation (`make setup`), or says why it cannot.
Java itself looks whether the file fits: with another Java, or other jars, a run does without, as it does where none is.
Source: Java's "Application Class-Data Sharing" (JEP 350, dynamic archives).
"""

import tempfile
from pathlib import Path

from console.aws.spark import run_job, shared_classes
from runtime.errors import TransientError

# A little of all that a merge does. What reads S3 is loaded, too; it asks nobody before it reads.
_SCRIPT = """
from pyspark.sql import SparkSession, Window, functions as f

spark = SparkSession.builder.getOrCreate()
made = spark.range(100).select("id", f.col("id").cast("string").alias("name"), f.array("id").alias("ids"))
made.repartition(2).sortWithinPartitions("name").write.option("compression", "zstd").parquet("rows")
read = spark.read.parquet("rows")
first = f.row_number().over(Window.partitionBy("name").orderBy(f.col("id").desc()))
kept = read.withColumn("first", first).where("first = 1").join(read.groupBy("id").count(), "id")
kept.dropDuplicates(["name"]).coalesce(1).write.parquet("kept")
assert spark.read.schema(read.schema).parquet("kept").count() == 100
java = spark.sparkContext._jvm
java.org.apache.hadoop.fs.Path("s3://nobody/").getFileSystem(spark.sparkContext._jsc.hadoopConfiguration())
gateway = spark.sparkContext._gateway
spark.stop()
gateway.proc.stdin.close()
gateway.proc.wait()
"""
_NOBODY = {"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "nobody", "AWS_SECRET_ACCESS_KEY": "nobody"}
_SECONDS = 600  # 15 on two cores that have nothing else to do


def prepare() -> None:
    """Write the file anew.

    Raises
    ------
    TransientError
        Spark did not end well.
    """
    file = shared_classes()
    file.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(prefix="spark-classes-") as scratch:
        folder = Path(scratch)
        written = folder / "classes.jsa"
        conf = f"spark.driver.defaultJavaOptions=-XX:ArchiveClassesAtExit={written}"
        ended = run_job(
            folder, {"--conf": conf}, "s3://here/script.py", lambda _: _SCRIPT.encode(), "http://127.0.0.1:9", _SECONDS,
            _NOBODY,
        )  # fmt: skip
        if ended.state != "SUCCEEDED":
            raise TransientError(
                f"without {file.name} each merge takes 5 s longer; make it: python -m console.aws.spark_classes\n"
                f"{ended.message}"
            )
        if written.exists():  # a Java without an archive of its own writes none
            written.replace(file)


if __name__ == "__main__":
    try:
        prepare()
    except TransientError as error:
        print(error)
