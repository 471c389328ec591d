/**
 * The script behind the one line that installs an agent on Windows: fetches the package from this server, asks for
 * the join code unless the line brings it (never in an address, where proxies would write it down), and hands over
 * to the package's own install.ps1. It runs within the PowerShell of whoever typed the line, so it must not end that,
 * nor leave settings behind: what it says last is what the operator has to read.
 */

/** @param origin of this server as the caller reached it, e.g. `https://quintet.example` */
export function installScript(origin: string): string {
	// An origin holds no quote and no blank; what does is not put into a script.
	if (!/^https?:\/\/[A-Za-z0-9.:[\]-]+$/.test(origin))
		throw new Error('this origin cannot be put into a script');
	return [
		'# Installs the Quintet agent. Run in PowerShell as administrator, where the user of the terminals is logged on.',
		"param([string] $Code = '')",
		'& {',
		'	param([string] $Code)',
		"	$ErrorActionPreference = 'Stop'",
		"	$ProgressPreference = 'SilentlyContinue'",
		'	$me = [Security.Principal.WindowsPrincipal] [Security.Principal.WindowsIdentity]::GetCurrent()',
		'	if (-not $me.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)) {',
		"		throw 'Run this in PowerShell as administrator.'",
		'	}',
		'	$protocols = [Net.ServicePointManager]::SecurityProtocol -bor [Net.SecurityProtocolType]::Tls12',
		'	[Net.ServicePointManager]::SecurityProtocol = $protocols',
		`	$server = '${origin}'`,
		"	$folder = Join-Path -Path $env:TEMP -ChildPath ('quintet-' + [guid]::NewGuid())",
		'	New-Item -ItemType Directory -Force -Path $folder | Out-Null',
		'	try {',
		"		$zip = Join-Path -Path $folder -ChildPath 'agent.zip'",
		"		Write-Output ('Fetching the agent from ' + $server)",
		"		Invoke-WebRequest -UseBasicParsing -Uri ($server + '/quintet-agent-win-x64.zip') -OutFile $zip",
		"		Expand-Archive -LiteralPath $zip -DestinationPath (Join-Path -Path $folder -ChildPath 'agent')",
		"		if ($Code -eq '') { $Code = (Read-Host -Prompt 'Join code (empty: update the agent that is here)').Trim() }",
		"		if ($Code -notmatch '^[A-Za-z0-9-]*$') { throw 'That is no join code.' }",
		"		$arguments = @('-Server', $server)",
		"		if ($Code -ne '') { $arguments += @('-Code', $Code) }",
		"		$install = Get-ChildItem -LiteralPath $folder -Recurse -Filter 'install.ps1' | Select-Object -First 1",
		'		& powershell.exe -NoProfile -ExecutionPolicy Bypass -File $install.FullName @arguments',
		'		if ($LASTEXITCODE -ne 0) {',
		"			throw ('The installation ended with ' + $LASTEXITCODE + '; what is wrong stands above.')",
		'		}',
		'	} finally {',
		'		Remove-Item -LiteralPath $folder -Recurse -Force -ErrorAction SilentlyContinue',
		'	}',
		'} $Code',
		''
	].join('\r\n');
}
