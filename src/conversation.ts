export {
  type ContextBridge,
  Conversation,
  type ConversationEvents,
  type ConversationOptions,
} from "./conversation/conversation.js";
