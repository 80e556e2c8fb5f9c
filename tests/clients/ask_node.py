#!/usr/bin/env python3
"""Asks a running node who it is, with nothing but what the node tells of itself.

    ask_node.py unix:PATH_OF/admin.sock
    ask_node.py http://127.0.0.1:PORT --token-file PATH_OF/admin.token

It asks for health, lists the services by reflection, and makes and reads the messages of GetStatus from the
descriptors that the node hands out: no generated code of Cairn and no .proto file.
"""

import argparse
import sys

import grpc
from google.protobuf import descriptor_pool, message_factory
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

ADMIN = "cairn.admin.v1.AdminService"
SECONDS = 30
# On a Unix socket grpcio names the path of the socket as the host it wants, which servers refuse as no host at all.
OPTIONS = [("grpc.default_authority", "localhost")]


class Call(grpc.ClientCallDetails):
    """How a call is made."""

    def __init__(self, given, token):
        self.method = given.method
        self.metadata = list(given.metadata or [])
        if token:
            self.metadata.append(("authorization", f"Bearer {token}"))
        self.timeout = given.timeout or SECONDS
        self.credentials, self.wait_for_ready = given.credentials, given.wait_for_ready
        self.compression = given.compression


class EveryCall(grpc.UnaryUnaryClientInterceptor, grpc.StreamStreamClientInterceptor):
    """Adds the token to every call."""

    def __init__(self, token):
        self.token = token

    def intercept_unary_unary(self, continuation, client_call_details, request):
        return continuation(Call(client_call_details, self.token), request)

    def intercept_stream_stream(self, continuation, client_call_details, request_iterator):
        return continuation(Call(client_call_details, self.token), request_iterator)


def ask(channel):
    health = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(service=ADMIN))
    print("health:", health_pb2.HealthCheckResponse.ServingStatus.Name(health.status))

    database = ProtoReflectionDescriptorDatabase(channel)
    for service in sorted(database.get_services()):
        print("service:", service)

    pool = descriptor_pool.DescriptorPool(database)
    method = pool.FindServiceByName(ADMIN).FindMethodByName("GetStatus")
    question = message_factory.GetMessageClass(method.input_type)
    answer = message_factory.GetMessageClass(method.output_type)
    call = channel.unary_unary(
        f"/{ADMIN}/{method.name}",
        request_serializer=question.SerializeToString,
        response_deserializer=answer.FromString,
    )
    status = call(question())
    print("name:", status.name)
    print("id:", status.node_id)


def main():
    parser = argparse.ArgumentParser(description="Asks a running node who it is.")
    parser.add_argument("address", help="unix:PATH or http://HOST:PORT, as in the file admin.endpoint")
    parser.add_argument("--token-file", help="the file admin.token in the data directory, for a loopback address")
    options = parser.parse_args()
    token = ""
    if options.token_file:
        with open(options.token_file, encoding="ascii") as file:
            token = file.read().strip()
    try:
        with grpc.insecure_channel(options.address.removeprefix("http://"), options=OPTIONS) as channel:
            ask(grpc.intercept_channel(channel, EveryCall(token)))
    except grpc.RpcError as error:
        print(f"refused: {error.code().name}: {error.details()}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
