/** What an application with a language model imports, beside the AI SDK. */
import { tool } from "ai";
import { LLMAgent } from "crossbus/llm";
import { z } from "zod";

class Assistant extends LLMAgent {
  constructor() {
    super("assistant", { model: "acme/tiny", instructions: "Be brief.", settings: { temperature: 0 } });
    const execute = ({ item }: { readonly item: string }) => item.length;
    this.registerTool("price", tool({ inputSchema: z.object({ item: z.string() }), execute }), { timeoutMs: 1_000 });
  }
}

const { name, active } = new Assistant();
console.log(name, active);
