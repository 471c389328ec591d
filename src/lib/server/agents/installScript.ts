/**
 * The script behind the one line that installs an agent on Windows: fetches the package from this server, asks for
 * the join code (which never stands in an address, where proxies would write it down), and hands over to the
 * package's own install.ps1.
 */

/** @param origin of this server as the caller reached it, e.g. `https://quintet.example` */
export function installScript(origin: string): string {
	// An origin holds no quote and no blank; what does is not put into a script.
	if (!/^https?:\/\/[A-Za-z0-9.:[\]-]+$/.test(origin))
		throw new Error('this origin cannot be put into a script');
	return [
		'# Installs the Quintet agent. Run in PowerShell as administrator, as the user whose desktop runs the terminals.',
		"$ErrorActionPreference = 'Stop'",
		"$ProgressPreference = 'SilentlyContinue'",
		'[Net.ServicePointManager]::SecurityProtocol = [Net.SecurityProtocolType]::Tls12',
		`$server = '${origin}'`,
		"$folder = Join-Path -Path $env:TEMP -ChildPath ('quintet-' + [guid]::NewGuid())",
		'New-Item -ItemType Directory -Force -Path $folder | Out-Null',
		"$zip = Join-Path -Path $folder -ChildPath 'agent.zip'",
		'Write-Output "Fetching the agent from $server"',
		'Invoke-WebRequest -UseBasicParsing -Uri "$server/quintet-agent-win-x64.zip" -OutFile $zip',
		"Expand-Archive -LiteralPath $zip -DestinationPath (Join-Path -Path $folder -ChildPath 'agent')",
		"$code = (Read-Host -Prompt 'Join code (empty: update the agent that is installed here)').Trim()",
		"$arguments = @('-Server', $server)",
		"if ($code) { $arguments += @('-Code', $code) }",
		"$install = Get-ChildItem -LiteralPath $folder -Recurse -Filter 'install.ps1' | Select-Object -First 1",
		'& powershell.exe -NoProfile -ExecutionPolicy Bypass -File $install.FullName @arguments',
		'exit $LASTEXITCODE',
		''
	].join('\r\n');
}
