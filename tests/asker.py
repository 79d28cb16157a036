"""A role that an instance's policies for people are attached to, and a session with it, where IAM is enforced."""

import json
from typing import Any

import boto3

from console.aws.launcher import ACCOUNT
from stacks.names import Names


class Asker:
    """A role and a session with it; the account's own keys, in the environment, make it.

    Attributes
    ----------
    session : with the role's keys
    """

    def __init__(self, names: Names, role: str) -> None:
        self._names, self._role, self._iam = names, role, boto3.client("iam")
        trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        arn = self._iam.create_role(RoleName=role, AssumeRolePolicyDocument=document)["Role"]["Arn"]
        keys = boto3.client("sts").assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
        self.session = boto3.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])

    def attach(self, *policies: str) -> "Asker":
        """Attach managed policies of the instance."""
        for policy in policies:
            arn = f"arn:aws:iam::{ACCOUNT}:policy/{self._names.of(policy)}"
            self._iam.attach_role_policy(RoleName=self._role, PolicyArn=arn)
        return self

    def may_only(self, document: dict[str, Any]) -> None:
        """Give the role a policy of its own."""
        self._iam.put_role_policy(RoleName=self._role, PolicyName="only", PolicyDocument=json.dumps(document))

    def variables(self) -> dict[str, str]:
        """Variables of a tool that has the role's keys."""
        found = self.session.get_credentials()
        assert found is not None
        return {
            "AWS_ACCESS_KEY_ID": found.access_key, "AWS_SECRET_ACCESS_KEY": found.secret_key,
            "AWS_SESSION_TOKEN": found.token or "",
        }  # fmt: skip
