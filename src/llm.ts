export {
  type ContextBridge,
  Conversation,
  type ConversationEvents,
  type ConversationOptions,
} from "./llm/conversation.js";
