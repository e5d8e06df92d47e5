import { type Guard, guardsOf } from "../guard.js";
import { bridgeGrep, bridgeTests } from "./proxy.js";

/** Which announcements count, and what is announced. */
export const announcerGuards: readonly Guard[] = [
  ...guardsOf("src/proxy/announcement.ts", bridgeTests, [
    {
      find: 'body.case === "agentReady" && source === agentName',
      replace: 'body.case === "agentReady"',
      why: "another agent's being ready would count as the remote agent's",
    },
    {
      find: "body.value.agents.find((agent) => agent.name === agentName)",
      replace: "body.value.agents[0]",
      why: "the announcement of another agent would count as the remote agent's",
    },
    {
      find: 'side === "client" ? remoteAgentName : undefined',
      replace: "undefined",
      why: "a Python server would drop the announcement",
    },
    {
      find: 'side === "client" ? remoteAgentName : undefined',
      replace: "remoteAgentName",
      why: "a Python client would drop the announcement",
    },
    {
      find: '{ runner: randomName("runner"), agents:',
      replace: '{ runner: "runner", agents:',
      why: "a Python peer would take a new connection's agent for the one that it knows, and not tell that it is ready",
    },
  ]),
  ...guardsOf("src/proxy/announcer.ts", bridgeTests, [
    {
      find: "    if (announced !== undefined) {\n      this.#register(announced);\n    }",
      replace:
        "    const { body } = message;\n" +
        '    if (body.case === "agentRegistry") {\n' +
        "      body.value.agents.forEach(({ $typeName, ...agent }) =>\n" +
        '        this.#remote?.registry.register({ ...agent, runner: this.#remote?.runner ?? "" }),\n' +
        "      );\n    }",
      why: "the peer could put agents of any name in the registry",
    },
    {
      find: "      this.#register(announced);",
      replace:
        "      const { runner } = message.body.value as { runner: string };\n" +
        "      const name = this.#options.remoteAgentName;\n" +
        "      this.#remote?.registry.register({ ...announced, name, runner });",
      why: "the peer could choose the runner's name, for instance this runner's",
    },
    {
      find: "registry.unregister(remoteAgentName, remote.runner);",
      replace: "",
      why: "the remote agent would stay in the registry when its link is gone",
    },
    {
      find: "unwatch();",
      replace: "",
      why: "the proxy would go on announcing over links that are gone",
    },
    {
      find: "if (agent.runner === registry.runnerName) {",
      replace: "if (true) {",
      why: "an agent of another runner would be announced as the local one",
    },
    {
      find: "if (!link.announces) {",
      replace: "if (false) {",
      why: "a client that doesn't announce its agent, as Python's doesn't, would never be ready",
    },
  ]),
].map((guard) => ({ ...guard, grep: bridgeGrep }));
