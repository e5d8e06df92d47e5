/** What an application with OpenTelemetry imports, beside its SDK. */
import { ROOT_CONTEXT } from "@opentelemetry/api";
import { AgentRunner, busMessage } from "crossbus";
import { messageContext, tracing } from "crossbus/opentelemetry";

const { name } = new AgentRunner({ name: "shop", tracing });
console.log(name, messageContext(busMessage("end")) === ROOT_CONTEXT);
