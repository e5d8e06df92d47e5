import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  type Client,
  credentials,
  type GrpcObject,
  loadPackageDefinition,
  Server,
  ServerCredentials,
  type ServiceClientConstructor,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { loadFileDescriptorSetFromBuffer } from "@grpc/proto-loader";
import { benchFolder } from "../harness/folders.js";

/** A bus message as the code of gRPC has it, with the names of the schema. */
export interface GrpcMessage {
  readonly source?: string;
  readonly target?: string;
  readonly frame?: {
    readonly direction: number;
    readonly frame: {
      readonly input_audio_raw: {
        readonly audio: Uint8Array;
        readonly sample_rate: number;
        readonly num_channels: number;
      };
    };
  };
  readonly task_request?: { readonly task_id: string; readonly task_name: string; readonly payload: unknown };
  readonly task_response?: { readonly task_id: string; readonly status: number; readonly response: unknown };
}

// The parser for .proto files that comes along doesn't understand all of ours.
const definition = loadFileDescriptorSetFromBuffer(readFileSync(join(benchFolder, "generated/image.binpb")));

function service(): ServiceClientConstructor {
  let found: unknown = loadPackageDefinition(definition);
  for (const name of ["crossbus", "bench", "v1", "BenchService"]) {
    found = (found as GrpcObject)[name];
  }
  return found as ServiceClientConstructor;
}

/** Serves, and returns the address. */
export function serveGrpc(implementation: UntypedServiceImplementation): Promise<string> {
  const server = new Server();
  server.addService(service().service, implementation);
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
      if (error === null) {
        resolve(`127.0.0.1:${port}`);
      } else {
        reject(error);
      }
    });
  });
}

export function connectGrpc<Methods>(address: string): Client & Methods {
  return new (service())(address, credentials.createInsecure()) as Client & Methods;
}
