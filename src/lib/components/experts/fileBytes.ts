/** The bytes of a file as base64, as the API takes them. @throws when it cannot be read any more */
export async function base64Of(file: Blob): Promise<string> {
	const url = await new Promise<string>((done, fail) => {
		const reader = new FileReader();
		reader.onload = () => done(String(reader.result));
		reader.onerror = () => fail(reader.error ?? new Error('the file could not be read'));
		reader.readAsDataURL(file);
	});
	return url.slice(url.indexOf(',') + 1);
}
