/**
 * Child process: the floor of a read. Plain `http` that asks the database once for the session and once for the
 * accounts, with `pg` by hand, and sends bytes that are ready made.
 */
import { createServer } from 'node:http';
import pg from 'pg';
import { serveCalls } from './child.ts';

const pool = new pg.Pool({ connectionString: process.env['DATABASE_URL'], max: 20 });
let answer = { body: '', type: '', userId: '' };
const http = createServer((_request, response) => {
	void (async () => {
		await pool.query({
			name: 'session',
			text: `SELECT s."userId", s."expiresAt", u.email, u.name, u.role FROM "Session" s JOIN "User" u ON u.id = s."userId" WHERE s."userId" = $1`,
			values: [answer.userId]
		});
		await pool.query({
			name: 'accounts',
			text: `SELECT a.*, s.*, m.* FROM "Mt5Account" a JOIN "AccountState" s ON s."accountId" = a.id
			       LEFT JOIN "Mt5AccountAssignment" m ON m."accountId" = a.id WHERE a."userId" = $1`,
			values: [answer.userId]
		});
		response.writeHead(200, { 'content-type': answer.type }).end(answer.body);
	})();
});

serveCalls({
	serve: (next: typeof answer) => {
		answer = next;
		const address = http.address();
		if (address && typeof address === 'object') return address.port;
		return new Promise((done) =>
			http.listen(0, '127.0.0.1', () => {
				const bound = http.address();
				done(typeof bound === 'object' ? bound?.port : 0);
			})
		);
	}
});
