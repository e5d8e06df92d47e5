/**
 * Which part may import which. Imports point downward only: what a layer doesn't list here it must not import,
 * types included. A new folder under src/ has to be added before it may import anything.
 *
 * @type {Readonly<Record<string, readonly string[]>>}
 */
const layers = {
  base: [],
  message: ["base", "gen"],
  bus: ["message", "base", "gen"],
  codec: ["message", "base", "gen"],
  transport: ["base"],
  auth: ["transport", "base"],
  agent: ["bus", "message", "base", "gen"],
  conversation: ["message", "base", "gen"],
  llm: ["agent", "bus", "message", "base", "gen"],
  opentelemetry: ["agent", "bus", "message", "base", "gen"],
  link: ["auth", "codec", "transport", "message", "base", "gen"],
  proxy: ["agent", "link", "auth", "bus", "codec", "transport", "message", "base", "gen"],
  inspect: ["proxy", "codec", "bus", "message", "base", "gen"],
  cli: ["codec", "message", "base", "gen"],
  testing: ["link", "transport", "message", "base", "gen"],
};

/** @param {string} layer */
const pathOf = (layer) => (layer === "gen" ? "^gen/" : `^src/${layer}/`);

const folders = Object.keys(layers);
const entryPoint = "^src/[^/]+\\.ts$";
const nodeCode = "(-node\\.ts|^src/websocket-server\\.ts)$";

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [
    ...folders.map((layer) => ({
      name: `layer-${layer}`,
      comment: `src/${layer}/ may import these parts of the project only: ${[layer, ...layers[layer]].join(", ")}.`,
      severity: "error",
      from: { path: `^src/${layer}/` },
      to: {
        path: "^[^/]+/",
        pathNot: ["^node_modules/", ...[layer, ...layers[layer]].map(pathOf)],
        dependencyTypesNot: ["core"],
      },
    })),
    {
      name: "layer-unknown",
      comment: "This folder has no place in the layers: give it one in .dependency-cruiser.mjs.",
      severity: "error",
      from: { path: "^src/", pathNot: [entryPoint, `^src/(${folders.join("|")})/`] },
      to: {},
    },
    {
      name: "entry-points-import-the-project-only",
      comment: "An entry point exports what is in the layers. It must not import another entry point.",
      severity: "error",
      from: { path: entryPoint },
      to: { path: ["^(test|scripts|examples|bench)/", entryPoint] },
    },
    {
      name: "gen-stands-alone",
      comment: "Generated code imports other generated code and @bufbuild/protobuf only.",
      severity: "error",
      from: { path: "^gen/" },
      to: { path: "^[^/]+/", pathNot: ["^gen/", "^node_modules/@bufbuild/protobuf/"] },
    },
    {
      name: "node-code-stays-apart",
      comment: "Files named *-node.ts are for Node: only their like, and entry points named for Node, may import them.",
      severity: "error",
      from: { path: "^src/", pathNot: nodeCode },
      to: { path: nodeCode },
    },
    {
      name: "node-modules-in-node-code-only",
      comment: "Everything but files named *-node.ts runs in a browser: it must not import Node's own modules, nor ws.",
      severity: "error",
      from: { path: "^(src|gen)/", pathNot: "-node\\.ts$" },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "ws-in-node-code-only",
      comment:
        "Only files named *-node.ts import ws; what runs in a browser too gets its socket from default-web-socket.js.",
      severity: "error",
      from: { path: "^(src|gen)/", pathNot: "-node\\.ts$" },
      to: { path: "^node_modules/(@types/)?ws/" },
    },
    {
      name: "one-default-socket",
      comment: "default-web-socket.js alone imports isomorphic-ws, so that its types stay out of what is published.",
      severity: "error",
      from: { path: "^(src|gen|examples)/", pathNot: "/default-web-socket\\.js$" },
      to: { path: "^node_modules/isomorphic-ws/" },
    },
    {
      name: "ai-sdk-in-llm-only",
      comment: "The AI SDK is an optional peer: only src/llm/, which crossbus/llm exports, may import it.",
      severity: "error",
      from: { path: "^(src|gen)/", pathNot: "^src/llm/" },
      to: { path: "^node_modules/(ai|@ai-sdk)/" },
    },
    {
      name: "llm-behind-its-entry-point",
      comment: "What imports src/llm/ loads the AI SDK: only crossbus/llm does.",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/llm(/|\\.ts$)" },
      to: { path: "^src/llm/" },
    },
    {
      name: "opentelemetry-behind-its-entry-point",
      comment:
        "OpenTelemetry's API is an optional peer: only src/opentelemetry/ imports it, and only crossbus/opentelemetry that.",
      severity: "error",
      from: { path: "^(src|gen)/", pathNot: "^src/opentelemetry(/|\\.ts$)" },
      to: { path: "^(node_modules/@opentelemetry|src/opentelemetry)/" },
    },
    {
      name: "published-code-has-real-dependencies",
      comment:
        "What src/ and gen/ import has to be among the dependencies in package.json, but for the optional peers.",
      severity: "error",
      from: { path: "^(src|gen)/" },
      to: {
        dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"],
        pathNot: "^node_modules/(@types|ai|@opentelemetry/api)/",
      },
    },
    {
      name: "examples-use-public-entry-points",
      comment: "Examples show what users can do: they import entry points and generated code, nothing private.",
      severity: "error",
      from: { path: "^examples/" },
      to: { path: "^(src|test|scripts|bench)/", pathNot: entryPoint },
    },
    {
      name: "bench-works-without-its-peers",
      comment: "Only bench/peers/, which is loaded by name, may import what is installed for the bench alone.",
      severity: "error",
      from: { path: "^bench/", pathNot: "^bench/peers/" },
      to: { path: "^bench/(peers|generated|node_modules)/" },
    },
    {
      name: "no-cycles",
      comment: "Modules that import each other can't be read one at a time.",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "resolvable",
      comment: "This import leads nowhere. What the bench compares with is installed by the bench alone.",
      severity: "error",
      from: { pathNot: "^bench/peers/" },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(test/consumer/sample|bench/(generated|[.]build|node_modules))/" },
    // Imports of types count too.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.node.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
    },
  },
};
