/** Version of the agent, as it tells the server. */
export { PRODUCT_VERSION as AGENT_VERSION } from '#lib/protocol/productVersion.ts';
