import { asSchema, type Tool, type ToolSet } from "ai";
import { checkMilliseconds } from "../base/check-milliseconds.js";
import { Code, invalidArgument, StatusError, show } from "../base/status.js";
import { toValue, type ValueInit } from "../message/value.js";

/** How the calls of a tool are run. */
export interface ToolOptions {
  /**
   * Whether an interruption by the user cancels a call that is running. With false the call goes on in the background:
   * the conversation continues without its result, which the model gets as news. Default: true.
   */
  readonly cancelOnInterruption?: boolean;
  /**
   * How long a call may take, in milliseconds. After that its signal aborts, it counts as cancelled, and the model is
   * run to say so. Default: there is no limit.
   */
  readonly timeoutMs?: number;
}

/** A tool that an agent has, and how its calls are run. */
export interface RegisteredTool {
  readonly tool: Tool;
  readonly cancelOnInterruption: boolean;
  readonly timeoutMs: number | undefined;
}

/** The tools of an agent, by name. */
export class Toolbox {
  readonly #tools = new Map<string, RegisteredTool>();

  /** Throws INVALID_ARGUMENT for what can't be run, and ALREADY_EXISTS for a name that is taken. */
  register(name: string, tool: Tool, options: ToolOptions): void {
    if (typeof name !== "string" || name === "") {
      throw invalidArgument("name", name, "must be the name of a tool");
    }
    if (typeof tool?.execute !== "function") {
      throw invalidArgument("tool.execute", tool?.execute, `must be a function that runs the tool ${show(name)}`);
    }
    if (tool.needsApproval !== undefined && tool.needsApproval !== false) {
      // To run it unasked would be worse than not to have it.
      throw invalidArgument("tool.needsApproval", tool.needsApproval, "must not be set: nobody here can be asked");
    }
    if (this.#tools.has(name)) {
      throw new StatusError(Code.ALREADY_EXISTS, `there is a tool ${show(name)} already`);
    }
    this.#tools.set(name, {
      tool,
      cancelOnInterruption: options.cancelOnInterruption ?? true,
      timeoutMs: options.timeoutMs === undefined ? undefined : checkMilliseconds("timeoutMs", options.timeoutMs),
    });
  }

  get(name: string): RegisteredTool | undefined {
    return this.#tools.get(name);
  }

  /** The tools as a model is offered them. The SDK doesn't run them, the agent does. */
  forModel(): ToolSet {
    const offered = ([name, { tool }]: [string, RegisteredTool]) => [name, { ...tool, execute: undefined }];
    return Object.fromEntries([...this.#tools].map(offered));
  }

  /** The tools as a conversation lists them: name, description, and parameters as a JSON Schema. */
  async describe(): Promise<readonly ValueInit[]> {
    return Promise.all(
      [...this.#tools].map(async ([name, { tool }]) => {
        const { $schema: _, ...parameters } = await asSchema(tool.inputSchema).jsonSchema;
        return toValue({ name, description: tool.description ?? "", parameters: parameters as ValueInit }, name);
      }),
    );
  }
}
