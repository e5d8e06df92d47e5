import { type Guard, guardsOf } from "../guard.js";

const tests = ["request", "group", "cancel", "events", "worker"].map((name) => `test/agent/tasks/${name}.test.ts`);

const across = ["test/proxy/tasks.test.ts", "test/proxy/policy.property.test.ts"];

/** What declared tasks carry. */
const values = ["test/message/message-value.test.ts", "test/agent/tasks/typed.test.ts"];

/** That no requester waits for ever, that only those take part who were asked, and that nothing is left. */
export const taskGuards: readonly Guard[] = [
  ...guardsOf("src/agent/tasks/task-worker.ts", across, [
    {
      find: "    if (isOrphaned(message)) {",
      replace: "    if (false as boolean) {",
      why: "work would go on for a requester whose connection was lost while the request waited",
    },
  ]),
  ...guardsOf("src/agent/tasks/task-error.ts", tests, [
    {
      find: 'typeof value === "string" ? toWellFormed(value) : value,',
      replace: "value,",
      why: "details in odd text would be dropped",
    },
    {
      find: "    return toValue({ error });",
      replace: "    return toValue({ error: { ...error, details: details as never } });",
      why: "an error with odd details would end the process, and its requester wait for ever",
    },
  ]),
  ...guardsOf("src/agent/tasks/task-call.ts", tests, [
    {
      find: 'return this.#state === "running" && this.agentNames.includes(agentName) && !this.#outcomes.has(agentName);',
      replace: 'return this.#state === "running" && !this.#outcomes.has(agentName);',
      why: "a stranger could respond to a task",
    },
    {
      find: 'return this.#state === "running" && this.agentNames.includes(agentName) && !this.#outcomes.has(agentName);',
      replace: 'return this.#state === "running" && this.agentNames.includes(agentName);',
      why: "a worker could respond twice",
    },
    {
      find: "if (this.#known.size === this.agentNames.length) {",
      replace: "if (this.#known.size > 0) {",
      why: "a group would begin before all its workers are there",
    },
    {
      find: "this.#known.delete(agentName);",
      replace: "",
      why: "a worker that came and went would count as there",
    },
    {
      find: "      this.#host.goneLater(this, agentName);",
      replace: "",
      why: "the requester of a worker that is gone would wait for ever",
    },
    {
      find: "this.lost(target, toStatusError(error));",
      replace: "",
      why: "the requester would wait for the response to a request that could not be sent",
    },
    {
      find: "const gateMs = Math.min(readyTimeoutMs, timeoutMs ?? readyTimeoutMs);",
      replace: "const gateMs = readyTimeoutMs;",
      why: "a task could take longer than its timeout because it waits for its worker",
    },
    {
      find: "this.#undo.push(closeGate);",
      replace: "",
      why: "the timer of the gate would outlive the task",
    },
    {
      find: 'this.#undo.push(() => signal.removeEventListener("abort", listener));',
      replace: "",
      why: "the signal would keep the task",
    },
    {
      find: "this.#undo.push(registry.watch(agentName, watcher));",
      replace: "registry.watch(agentName, watcher);",
      why: "the registry would keep the task",
    },
    {
      find: "this.#undo.push(clock.after(timeoutMs, () => this.#timeout(timeoutMs)));",
      replace: "",
      why: "a task would take as long as it takes",
    },
    {
      find: "    if (signal?.aborted === true) {\n      this.#aborted(signal);\n      return;\n    }\n",
      replace: "",
      why: "a task would be requested though it was cancelled before",
    },
    {
      find: "    if (this.#isDone) {\n      return;\n    }\n    const running",
      replace: "    const running",
      why: "a task that has ended could be cancelled",
    },
    {
      find: 'const running = this.#state === "running";',
      replace: "const running = true;",
      why: "workers would be told to cancel what they were never asked for",
    },
    {
      find: "return this.agentNames.filter((name) => !this.#outcomes.has(name));",
      replace: "return this.agentNames;",
      why: "workers that are done would be told to cancel",
    },
    {
      find: 'this.#host.send(busMessage("taskCancel", { taskId: this.id, reason }, { target }));',
      replace: "",
      why: "workers would go on with what nobody waits for",
    },
    {
      find: "if (cancelOnError && outcome.error !== undefined && outcome.status !== TaskStatus.CANCELLED) {",
      replace: "if (outcome.error !== undefined && outcome.status !== TaskStatus.CANCELLED) {",
      why: "the first error would end a group that is to wait for all",
    },
    {
      find: "if (cancelOnError && outcome.error !== undefined && outcome.status !== TaskStatus.CANCELLED) {",
      replace: "if (cancelOnError && outcome.error !== undefined) {",
      why: "a worker that cancels would end the whole group",
    },
    {
      find: "    this.#events.end(failure);",
      replace: "",
      why: "whoever iterates would wait for ever",
    },
    {
      find: "    this.#host.ended(this, failure);",
      replace: "",
      why: "its agent would keep every task",
    },
    {
      find: "      this.#result = deferred();\n      this.#settle();",
      replace: "      this.#result = deferred();",
      why: "who awaits a task that has ended would wait for ever",
    },
  ]),
  ...guardsOf("src/agent/tasks/task-requester.ts", tests, [
    {
      find: "for (const isSystem of [false, true]) {",
      replace: "for (const isSystem of [true]) {",
      why: "a worker that responds and goes would count as gone",
    },
    {
      find: "for (const isSystem of [false, true]) {",
      replace: "for (const isSystem of [false]) {",
      why: "the urgent response of a worker that goes would come too late when the queue is full",
    },
    {
      find: "this.#calls.get(taskId)?.lost(message.target, why);",
      replace: "",
      why: "a request that reached nobody would be waited for",
    },
    {
      find: "          this.#stopListening?.();",
      replace: "",
      why: "the bus would keep the agent for every task",
    },
    {
      find: "      call.abort(new StatusError(",
      replace: "      void (new StatusError(",
      why: "the tasks of an agent that ends would go on",
    },
    {
      find: "    if (taken !== true) {",
      replace: "    if (false) {",
      why: "what strangers send would be dropped in silence",
    },
    {
      find: "if (agentNames.indexOf(name) !== index) {",
      replace: "if (false) {",
      why: "a group with somebody twice would wait for ever",
    },
  ]),
  ...guardsOf("src/agent/tasks/task-worker.ts", tests, [
    {
      find: "    if (this.#works.has(key)) {",
      replace: "    if (false) {",
      why: "a task that is requested twice would be done twice",
    },
    {
      find: "      this.#stop(work, cancelled(early.reason), true);\n      return;",
      replace: "",
      why: "a cancel that overtakes its request would be lost",
    },
    {
      find: "    this.#earlyCancels.set(source, cancels.set(key, { reason, keep }));",
      replace: "",
      why: "a cancel that overtakes its request would not be remembered",
    },
    {
      find: "        bus.send(new ForgetCancelMessage(this.#owner.name, source, key));",
      replace: "",
      why: "the cancel of a task that there never is would be remembered for ever",
    },
    {
      find: "override readonly isSystem = false;",
      replace: "override readonly isSystem = true;",
      why: "a cancel would be forgotten before its request comes",
    },
    {
      find: "      keep = clock.after(earlyCancelMs, () => this.#forget(source, key));\n    } else {",
      replace: "    } else {",
      why: "a peer could have any number of cancels remembered for ever",
    },
    {
      find: "    if (oldest !== undefined && this.#earlyCancels.get(source)?.size === maxEarlyCancels) {",
      replace: "    if (false as boolean) {",
      why: "a peer could have any number of cancels remembered",
    },
    {
      find: "    if (registered === undefined) {",
      replace: "    if (registered === undefined) return;\n    if (registered === undefined) {",
      why: "who asks for a task that nobody does would wait for ever",
    },
    {
      find: "(work.running ? run(registered.handler, work) : undefined)",
      replace: "run(registered.handler, work)",
      why: "a task that was cancelled while it waited would be begun",
    },
    {
      find: "last: options.sequential === true ? Promise.resolve() : undefined,",
      replace: "last: undefined,",
      why: "tasks that are to be done one by one would be done at once",
    },
    {
      find: "    work.threw(error);",
      replace: "",
      why: "the requester of a handler that throws would wait for ever",
    },
    {
      find: "      work.returned(await result);",
      replace: "      await result;",
      why: "what a handler returns would be no response",
    },
    {
      find: "        this.#stop(abandoned, requesterGone(name), false);",
      replace: "",
      why: "work would go on for a requester that is gone",
    },
    {
      find: "      requester.unwatch();",
      replace: "",
      why: "the registry would keep the agent for every requester",
    },
    {
      find: "    for (const work of this.#works.values()) {\n      this.#stop(work, why, true);\n    }\n",
      replace: "",
      why: "an agent that ends would leave its requesters waiting",
    },
    {
      find: "function keyOf(requester: string, id: string): string {",
      replace: "function keyOf(requester: string, id: string): string {\n  if (requester) return id;",
      why: "one requester could cancel the task of another",
    },
    {
      find: "    if (!work.running) {\n      return;\n    }\n",
      replace: "",
      why: "a task that was responded to would be done nevertheless",
    },
  ]),
  ...guardsOf("src/agent/tasks/task-work.ts", tests, [
    {
      find: "    this.#controller.abort(why);",
      replace: "",
      why: "a handler would not be told that its task was cancelled",
    },
    {
      find: "      this.#tryToRespond(TaskStatus.CANCELLED, undefined);\n    } else {",
      replace: "      this.#end();\n    } else {",
      why: "who waits for a worker that ends would not be told",
    },
    {
      find: "        this.#respond(status, response, true);",
      replace: "        throw new Error();",
      why: "a requester with a full queue would wait for ever",
    },
    {
      find: "        await relief(this.#host.bus, this.requester, this.signal);",
      replace: "",
      why: "a generator would fill the requester's queue",
    },
    {
      find: "      await generator.return?.();",
      replace: "",
      why: "a generator that was stopped could not release what it holds",
    },
    {
      find: "      this.#host.reportError(thrown);",
      replace: "",
      why: "a bug in a handler would go unnoticed where it is",
    },
  ]),
  ...guardsOf("src/agent/tasks/event-queue.ts", tests, [
    {
      find: "this.#events.length >= maxEvents || ",
      replace: "",
      why: "events that nobody reads would be kept without end",
    },
    {
      find: "|| this.#bytes + size > maxBytes",
      replace: "",
      why: "large events that nobody reads would be kept without end",
    },
    {
      find: "if (this.#dropped > 0 || ",
      replace: "if (",
      why: "events after a gap would seem to follow on those before it",
    },
    {
      find: "} else if (this.#dropped > 0) {",
      replace: "} else if (false) {",
      why: "a reader would not know that it missed something",
    },
    {
      find: "    if (this.#reading) {",
      replace: "    if (false) {",
      why: "two readers would take each other's events",
    },
  ]),
  ...guardsOf("src/agent/task-agent.ts", tests, [
    {
      find: "if (call?.cancellable !== true) {",
      replace: "if (call === undefined) {",
      why: "a task could be cancelled that may not be",
    },
  ]),
  ...guardsOf("src/proxy/proxy-agent.ts", across, [
    {
      find: "      this.#taskLost(message, this.#permissionDenied(verdict));\n      return;",
      replace: "      return;",
      why: "who asks for a task that the policy doesn't let out would wait for ever",
    },
    {
      find: "      this.#requestDenied(incoming, verdict);",
      replace: "",
      why: "who asks for a task that the policy doesn't let in would wait for ever",
    },
    {
      find: 'if (verdict !== "case" || incoming.peeked.case !== "taskRequest") {',
      replace: 'if (incoming.peeked.case !== "taskRequest") {',
      why: "requests in another's name would be answered",
    },
    {
      find: 'if (policy.outbound(busMessage("taskResponseUrgent", {}, { source, target })) === "allow") {',
      replace: "if (source !== target) {",
      why: "requests that the policy has no answer to would be decoded",
    },
    {
      find: "    this.#taskLost(message, why);\n  }",
      replace: "  }",
      why: "who asks for a task over a link that loses it would wait for ever",
    },
    {
      find: '} else if (this.#link !== undefined && policy.outbound(failure) === "allow") {',
      replace: "} else if (this.#link !== undefined) {",
      why: "what the policy denies would go out as the news that a task was lost",
    },
    {
      find: "why.code === Code.NOT_FOUND && failure.target === message.target",
      replace: "false",
      why: "an agent that isn't there would be told that it isn't",
    },
  ]),
  ...guardsOf("src/message/read-message-value.ts", values, [
    {
      find: "  checkValue(value, path);",
      replace: "",
      why: "a payload could be nested without end",
    },
    {
      find: "    if (other !== undefined) {",
      replace: "    if (false) {",
      why: "of two members of a oneof one would be lost",
    },
    {
      find: '          if (key === "__proto__") {',
      replace: "          if (false) {",
      why: "an entry of a map would be lost",
    },
    {
      find: "integer !== undefined && range !== undefined && integer >= range[0] && integer <= range[1]",
      replace: "integer !== undefined && range !== undefined",
      why: "integers would be cut to their type",
    },
    {
      find: "(type === ScalarType.DOUBLE || isFloat(number))",
      replace: "true",
      why: "a number too large for a float would become infinite",
    },
    {
      find: "(desc.open && Number.isInteger(read) && read === (read | 0))",
      replace: "(Number.isInteger(read) && read === (read | 0))",
      why: "a closed enumeration would have values that it doesn't have",
    },
    {
      find: '(member.kind.case === "nullValue" && !takesNull(field))',
      replace: '(member.kind.case === "nullValue")',
      why: "a null that is a value would be lost",
    },
    {
      find: '(member.kind.case === "nullValue" && !takesNull(field))',
      replace: "false",
      why: "None for a field that isn't set would be refused",
    },
  ]),
  ...guardsOf("src/message/write-message-value.ts", values, [
    {
      find: "      checking.set(field, scalar);",
      replace: "",
      why: "a field of a wrong type would go out",
    },
    {
      find: "        checking.add(item);",
      replace: "",
      why: "an item of a wrong type would go out",
    },
    {
      find: "        checking.set(key, item);",
      replace: "",
      why: "an entry of a wrong type would go out",
    },
    {
      find: "type === ScalarType.DOUBLE || type === ScalarType.FLOAT ? double(value as number) : value",
      replace: "value",
      why: "a float without a fraction would become an integer in Python",
    },
    {
      find: "    if (message.isSet(field) || field.presence === FeatureSet_FieldPresence.IMPLICIT) {",
      replace: "    if (message.isSet(field)) {",
      why: "a Python handler would miss the fields that are zero",
    },
    {
      find: "  if (level > MAX_LEVELS) {",
      replace: "  if (false) {",
      why: "a message nested without end would end the process",
    },
  ]),
];
