import { sveltekit } from '@sveltejs/kit/vite';
import tailwindcss from '@tailwindcss/vite';
import { defineConfig } from 'vite';
import { agentUpgrade } from './scripts/agentUpgrade.ts';
import { pageChunks } from './scripts/pageChunks.ts';

export default defineConfig({
	plugins: [tailwindcss(), sveltekit(), agentUpgrade(), pageChunks()],
	build: { target: 'es2022' },
	ssr: {
		// Native addons and the database client stay ordinary imports of the server bundle.
		external: ['@node-rs/argon2', 'pg', 'pino', 'ws', 'ioredis', '@prisma/schema-engine-wasm'],
		// A few of its icons are used; by an ordinary import all would be loaded at every start.
		noExternal: ['lucide']
	}
});
