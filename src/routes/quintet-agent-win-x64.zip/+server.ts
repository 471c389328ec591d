import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { AppError } from '#lib/server/errors.ts';
import { refusing } from '#lib/server/http/api.ts';

/** The agent's package for Windows, as `npm run agent -- package` left it beside this server. Holds no secret. */
export const GET = refusing(async (event) => {
	const path = event.locals.app.config.agentPackage;
	const file = await stat(path).catch(() => null);
	if (!file?.isFile())
		throw new AppError(
			'NOT_FOUND',
			'This server has no agent package. Its operator makes one with: npm run agent -- package'
		);
	return new Response(Readable.toWeb(createReadStream(path)) as ReadableStream, {
		headers: {
			'content-type': 'application/zip',
			'content-length': file.size.toString(),
			'content-disposition': 'attachment; filename="quintet-agent-win-x64.zip"'
		}
	});
});
