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
  ...guardsOf("src/agent/tasks/task-call.ts", across, [
    {
      find: "    for (const agentName of this.#leaving) {\n      this.lost(agentName, gone);\n    }\n",
      replace: "",
      why: "a lost connection would look like a cancel where it ends the agent too",
    },
  ]),
  ...guardsOf("src/agent/tasks/task-error.ts", tests, [
    {
      find: "message: shortText(message) };",
      replace: "message: toWellFormed(message) };",
      why: "an error that no queue has room for would never arrive",
    },
    {
      find: 'typeof value === "string" ? shortText(value) : value,',
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
      find: "this.#undo.push(onAbort(signal, () => this.#aborted(signal)));",
      replace: "onAbort(signal, () => this.#aborted(signal));",
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
      find: '      this.#host.sendCancel(busMessage("taskCancel", body, { target }), target);',
      replace: "",
      why: "workers would go on with what nobody waits for",
    },
    {
      find: "reason: reason === undefined ? undefined : shortText(reason)",
      replace: "reason",
      why: "a cancel whose reason can't be sent would be lost, or take down its requester",
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
      find: "this.#owner.outbox.send(trace?.stamp(cancel) ?? cancel, agentName, Number.POSITIVE_INFINITY);",
      replace: "this.#owner.send(trace?.stamp(cancel) ?? cancel);",
      why: "of a thousand tasks that are cancelled at once some would go on",
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
      find: "works.size >= maxRemoteWorks || ",
      replace: "",
      why: "a peer could have any number of tasks at work",
    },
    {
      find: " || bytes + size > maxRemoteBytes",
      replace: "",
      why: "a peer could fill the memory with the requests of tasks at work",
    },
    {
      find: "    requester.bytes -= requester.works.get(work) ?? 0;",
      replace: "",
      why: "a peer whose tasks have ended would get no more done",
    },
    {
      find: "isRemote ? maxRemoteKept : Number.POSITIVE_INFINITY",
      replace: "Number.POSITIVE_INFINITY",
      why: "a peer that takes no responses would fill the memory with them",
    },
    {
      find: "onClosed(link, gone)",
      replace: "this.#owner.context().registry.watch(name, { gone })",
      why: "work would go on for a peer that was never announced and is gone",
    },
    {
      find: "      if (this.#isNews(message.source)) {",
      replace: "      if (true as boolean) {",
      why: "a peer could write to the log at will",
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
      find: "      await work.returned(await result);",
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
      find: "      this.#respondAnyhow(TaskStatus.CANCELLED, undefined, why.code);\n    } else {",
      replace: "      this.#end(why.code);\n    } else {",
      why: "who waits for a worker that ends would not be told",
    },
    {
      find: "    for (const urgent of [false, true]) {",
      replace: "    for (const urgent of [false]) {",
      why: "what ends a task would come too late where a queue is full",
    },
    {
      find: '      this.#host.sendAnyhow(this.#message("taskResponse", { status, response }));',
      replace: "",
      why: "a requester whose queue is full of responses would wait for ever",
    },
    {
      find: "return this.running && bus.isCongested(this.requester)",
      replace: "return (false as boolean)",
      why: "a generator would fill the requester's queue, and results would be lost that come at once",
    },
    {
      find: 'relief(bus, this.requester, this.signal, this.#message("taskResponse", {}))',
      replace: "relief(bus, this.requester, this.signal)",
      why: "a requester that awaits a task in a handler, with a queue behind it, would wait for ever",
    },
    {
      find: "        if (!this.running) {\n          break;\n        }\n",
      replace: "",
      why: "what a generator yields after it was stopped would be an error",
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
  ...guardsOf("src/agent/tasks/early-cancels.ts", tests, [
    {
      find: "    this.#cancels.set(source, cancels.set(key, early));",
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
      find: "    return clock.after(linkMs, () => this.#forget(source, key));",
      replace: "    return () => {};",
      why: "a peer could have any number of cancels remembered for ever",
    },
    {
      find: "    if (oldest !== undefined && this.#cancels.get(source)?.size === maxCancels) {",
      replace: "    if (false as boolean) {",
      why: "a peer could have any number of cancels remembered",
    },
    {
      find: "    if (taskId.length > maxText) {",
      replace: "    if (false as boolean) {",
      why: "a peer could fill the memory with the ids of cancels",
    },
    {
      find: "reason !== undefined && reason.length > maxText ? undefined : reason",
      replace: "reason",
      why: "a peer could fill the memory with the reasons of cancels",
    },
  ]),
  ...guardsOf(
    "src/agent/tasks/task-outbox.ts",
    [...tests, "test/agent/tasks/task-outbox.test.ts"],
    [
      {
        find: "kept.length === 0 && this.#tryToSend(message)",
        replace: "this.#tryToSend(message)",
        why: "what is kept would be overtaken",
      },
      {
        find: "    if (this.#kept.size === 0) {\n      this.#stopListening?.();",
        replace: "    if (this.#kept.size === 0) {",
        why: "the bus would keep the agent for ever",
      },
      {
        find: "    if (kept.length >= max) {",
        replace: "    if (false as boolean) {",
        why: "what a peer doesn't take would fill the memory",
      },
    ],
  ),
  ...guardsOf("src/base/on-abort.ts", tests, [
    {
      find: "waiting.get(signal) ?? listen(signal)",
      replace: "listen(signal)",
      why: "Node would warn of a leak where more than ten tasks share a signal",
    },
    {
      find: 'signal.removeEventListener("abort", listener);',
      replace: "",
      why: "a signal would have a listener that nobody waits for",
    },
  ]),
  ...guardsOf("src/agent/tasks/event-queue.ts", tests, [
    {
      find: "this.#reading ? withReader : withoutReader",
      replace: "withoutReader",
      why: "a reader that does nothing else would miss events",
    },
    {
      find: "this.#events.length >= room.events || ",
      replace: "",
      why: "events that nobody reads would be kept without end",
    },
    {
      find: "|| this.#bytes + size > room.bytes",
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
  ...guardsOf("src/agent/base-agent.ts", tests, [
    {
      find: "if (call?.cancellable !== true) {",
      replace: "if (call === undefined) {",
      why: "a task could be cancelled that may not be",
    },
  ]),
  ...guardsOf("src/proxy/proxy-agent.ts", across, [
    {
      find: "      this.#tellOfLoss(cancel, message);\n",
      replace: "",
      why: "the worker of a stream that a piece is lost of would go on without end",
    },
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
      find: 'if (this.#policy.outbound(busMessage("taskResponseUrgent", {}, answer)) === "allow") {',
      replace: "if (source !== target) {",
      why: "requests that the policy has no answer to would be decoded",
    },
    {
      find: "    this.#taskLost(message, why);\n  }",
      replace: "  }",
      why: "who asks for a task over a link that loses it would wait for ever",
    },
    {
      find: '} else if (this.#link !== undefined && this.#policy.outbound(news) === "allow") {',
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
      find: "    checkSet(message, field, path);\n",
      replace: "",
      why: "a handler would be called without what it needs",
    },
    {
      find: "  checkKeys(json, path);",
      replace: "",
      why: "a member of plain JSON would be lost, or become a prototype",
    },
    {
      find: "          checkKey(key, here);",
      replace: "",
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
  ...guardsOf("src/agent/tasks/task-type.ts", values, [
    {
      find: "        checkInit(schema, init, path);",
      replace: "",
      why: "what is misspelt in a response would be gone without a word",
    },
  ]),
  ...guardsOf("src/message/write-message-value.ts", values, [
    {
      find: "    checkSet(message, field, path);\n",
      replace: "",
      why: "a task would go out without what it needs",
    },
    {
      find: "desc.values.find((value) => value.number === number)?.name",
      replace: "desc.value[number]?.name",
      why: "Python would get another name of a number than the one that it knows it by",
    },
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
