/** Version of the agent, as it tells the server. */
export const AGENT_VERSION = '0.1.0';
