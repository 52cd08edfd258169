"""The gateway before the API's function."""

import json

from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_lambda as lambda_
from constructs import Construct
from constructs.serverless.api_document import Operation, document, operations, schemas
from constructs.serverless.foundation import Foundation
from constructs.shared.acknowledgement import acknowledge
from constructs.shared.platform_log_group import PlatformLogGroup

STAGE = "v1"
SECURITY_POLICY = apigateway.SecurityPolicy.TLS13_1_2_PQ_2025_09
ACCESS_MODE = apigateway.EndpointAccessMode.STRICT
"""An enhanced policy needs a mode; strict refuses calls whose TLS names another host.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-security-policies.html
"""

# Sent to the function as they are; any other body is text.
_BINARY_TYPES = ["text/csv", "text/plain", "application/octet-stream"]
_ACCESS_LOG = {
    "requestId": "$context.requestId",
    "time": "$context.requestTimeEpoch",
    "ip": "$context.identity.sourceIp",
    "caller": "$context.identity.userArn",
    "method": "$context.httpMethod",
    "resource": "$context.resourcePath",
    "status": "$context.status",
    "error": "$context.error.message",
    "latency": "$context.responseLatency",
    "integrationLatency": "$context.integrationLatency",
    "length": "$context.responseLength",
    "userAgent": "$context.identity.userAgent",
    "tls": "$context.tlsVersion",
    "trace": "$context.xrayTraceId",
}


class ApiGateway(Construct):
    """A regional REST API with a method for each operation of the document, and no way in without a signature.

    The gateway checks who calls, what the document requires and how often; whoever passes reaches ``function``.
    There is no resource policy: who may call is a matter of the callers' own permissions.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        api_name: str,
        function: lambda_.IFunction,
        foundation: Foundation,
        requests_per_second: int,
        burst: int,
    ) -> None:
        super().__init__(scope, construct_id)
        self.access_logs = PlatformLogGroup(
            self,
            "AccessLogs",
            key=foundation.logs_key,
            retention_days=foundation.log_retention_days,
            removal_policy=foundation.removal_policy,
        )
        self.rest_api = apigateway.RestApi(
            self,
            "RestApi",
            rest_api_name=api_name,
            description="Objects in, their status and results out",
            endpoint_configuration=apigateway.EndpointConfiguration(types=[apigateway.EndpointType.REGIONAL]),
            binary_media_types=_BINARY_TYPES,
            cloud_watch_role=False,
            default_method_options=apigateway.MethodOptions(authorization_type=apigateway.AuthorizationType.IAM),
            deploy_options=apigateway.StageOptions(
                stage_name=STAGE,
                access_log_destination=apigateway.LogGroupLogDestination(self.access_logs),
                access_log_format=apigateway.AccessLogFormat.custom(json.dumps(_ACCESS_LOG)),
                logging_level=apigateway.MethodLoggingLevel.ERROR,
                data_trace_enabled=False,
                metrics_enabled=True,
                tracing_enabled=True,
                throttling_rate_limit=requests_per_second,
                throttling_burst_limit=burst,
            ),
        )
        _harden(self.rest_api)
        self._integration = apigateway.LambdaIntegration(function, allow_test_invoke=False)
        self._validator = self.rest_api.add_request_validator(
            "Validator", validate_request_parameters=True, validate_request_body=True
        )
        self._models: dict[str, apigateway.IModel] = {}
        for operation in operations(document()):
            self._add(operation)
        acknowledge(
            self, "AwsSolutions-COG4", reason="Callers are programs with IAM credentials; every request is signed"
        )

    def _add(self, operation: Operation) -> None:
        resource = self.rest_api.root.resource_for_path(operation.path)
        resource.add_method(
            operation.method,
            self._integration,
            operation_name=operation.id,
            request_parameters=operation.parameters,
            request_validator=self._validator,
            request_models={"application/json": self._model(operation.model)} if operation.model else None,
        )

    def _model(self, name: str) -> apigateway.IModel:
        if name not in self._models:
            model = apigateway.CfnModel(
                self,
                name,
                rest_api_id=self.rest_api.rest_api_id,
                name=name,
                content_type="application/json",
                schema={"$schema": "http://json-schema.org/draft-04/schema#", **schemas(document())[name]},
            )
            self._models[name] = apigateway.Model.from_model_name(self, f"{name}Reference", model.ref)
        return self._models[name]


def _harden(api: apigateway.RestApi) -> None:
    resource = api.node.default_child
    assert isinstance(resource, apigateway.CfnRestApi)  # noqa: S101 - narrows the type
    resource.security_policy = f"SecurityPolicy_{SECURITY_POLICY.name}"
    resource.endpoint_access_mode = ACCESS_MODE.value
