/** `@grpc/grpc-js`: a unary call. */
import type { ServerUnaryCall, ServiceError, sendUnaryData } from "@grpc/grpc-js";
import { bossName, type DoTask, payload, taskName, workerName } from "../ends/task.js";
import { connectGrpc, type GrpcMessage, serveGrpc } from "./grpc-service.js";

/** What a task ends with when all is well. */
const completed = 1;

interface Client {
  work(request: GrpcMessage, callback: (error: ServiceError | null, response?: GrpcMessage) => void): void;
}

export function serve(): Promise<string> {
  return serveGrpc({
    work({ request }: ServerUnaryCall<GrpcMessage, GrpcMessage>, respond: sendUnaryData<GrpcMessage>) {
      respond(null, {
        source: workerName,
        target: bossName,
        task_response: {
          task_id: request.task_request?.task_id ?? "",
          status: completed,
          response: request.task_request?.payload,
        },
      });
    },
  });
}

export async function connect(address: string): Promise<DoTask> {
  const client = connectGrpc<Client>(address);
  return () =>
    new Promise((resolve, reject) => {
      const request: GrpcMessage = {
        source: bossName,
        target: workerName,
        task_request: { task_id: crypto.randomUUID(), task_name: taskName, payload: toValue(payload) },
      };
      client.work(request, (error, response) => (error === null ? resolve(response) : reject(error)));
    });
}

/** The payload as a `Value`. */
function toValue({ topic, count }: typeof payload): object {
  return {
    struct_value: {
      entries: [
        { key: "topic", value: { string_value: topic } },
        { key: "count", value: { int_value: count } },
      ],
    },
  };
}
