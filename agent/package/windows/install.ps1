<#
.SYNOPSIS
Installs the Quintet agent on this machine: enrols it with a join code and registers its service.
.DESCRIPTION
Run as administrator, logged on as the user whose desktop the terminals are to run on. All the work is done by
commands of the agent itself; this script only copies the program and calls them. It may be run again.
Where an agent is installed already, this version takes its place: terminals go on, and a version that does not
work within a minute is taken back. Server and code are not needed for that.
.EXAMPLE
.\install.ps1 -Server https://quintet.example -Code ABCD-EFGH
.EXAMPLE
.\install.ps1
#>
#Requires -Version 5.1
#Requires -RunAsAdministrator
[CmdletBinding()]
param(
	[ValidatePattern('^https?://[^\s"]+$')] [string] $Server,
	[ValidatePattern('^[A-Za-z0-9-]+$')] [string] $Code,
	[ValidatePattern('^[^\s"]+$')] [string] $Directory = 'C:\Quintet',
	[ValidateRange(1, 1000)] [int] $Capacity = 50,
	[ValidatePattern('^[^"]+$')] [string] $Name = $env:COMPUTERNAME
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$program = Join-Path -Path $Directory -ChildPath 'program'
$state = Join-Path -Path $Directory -ChildPath 'agent'
$node = Join-Path -Path $program -ChildPath 'node.exe'
$agent = Join-Path -Path $program -ChildPath 'agent.mjs'

# Ends the script with the agent's own exit code: its meanings are a contract.
function Invoke-Agent {
	& $node $agent @args
	if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
}

Get-ChildItem -LiteralPath $PSScriptRoot -Recurse -File | Unblock-File
$isEnrolled = Test-Path -LiteralPath (Join-Path -Path $state -ChildPath 'agent.json')
if ((Test-Path -LiteralPath $agent) -and $isEnrolled) {
	$node = Join-Path -Path $PSScriptRoot -ChildPath 'node.exe'
	$agent = Join-Path -Path $PSScriptRoot -ChildPath 'agent.mjs'
	Invoke-Agent service update --program $program --state-dir $state
	exit 0
}
if (-not $isEnrolled -and -not ($Server -and $Code)) {
	Write-Output 'This machine has no agent yet: give -Server and -Code, as the Agents page shows them.'
	exit 2
}
if (Test-Path -LiteralPath $agent) { Invoke-Agent service uninstall }
New-Item -ItemType Directory -Force -Path $program, $state | Out-Null
Get-ChildItem -LiteralPath $PSScriptRoot | Copy-Item -Destination $program -Recurse -Force

if (-not $isEnrolled) {
	Invoke-Agent enrol --server $Server --code $Code --name $Name --capacity $Capacity --state-dir $state
}
Invoke-Agent service install --state-dir $state
& $node $agent doctor --state-dir $state

Write-Output ''
Write-Output 'The agent is installed. It works while this user is logged on; a disconnected session is enough.'
Write-Output 'So that it comes back after a restart of Windows, set up automatic logon for this user'
Write-Output '(Autologon of Sysinternals keeps the password as an LSA secret), and disconnect instead of logging off.'
Write-Output 'Next: "agent.cmd golden add" for each broker, then approve the agent on the Agents page.'
