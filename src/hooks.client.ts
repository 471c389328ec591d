/** Runs in the browser before any page. */
import { config } from 'zod';

// Zod would try `new Function` to see whether it may compile its checks. The content security policy forbids it,
// and every page would report a violation of its own.
config({ jitless: true });
