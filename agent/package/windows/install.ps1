<#
.SYNOPSIS
Installs the Quintet agent on this machine: enrols it with a join code and registers its service.
.DESCRIPTION
Run as administrator, in the session of the user whose desktop the terminals are to run on. That user need not be an
administrator: type the password of one at the prompt for higher rights, and the service is made for the user who is
logged on all the same. All the work is done by commands of the agent itself; this script only copies the program and
calls them. It may be run again.
Where an agent is installed already, this version takes its place, for the same user: terminals go on, and a version
that does not work within a minute is taken back. Server and code are not needed for that.
.PARAMETER User
Whose session the agent runs in, when that is not who is logged on here.
.EXAMPLE
.\install.ps1 -Server https://quintet.example -Code ABCD-EFGH
.EXAMPLE
.\install.ps1
#>
#Requires -Version 5.1
#Requires -RunAsAdministrator
[CmdletBinding()]
param(
	[ValidatePattern('^https?://[^\s"]*[^\s"\\]$')] [string] $Server,
	[ValidatePattern('^[A-Za-z0-9-]+$')] [string] $Code,
	[ValidatePattern('^[A-Za-z]:\\[^\s"]+$')] [string] $Directory = 'C:\Quintet',
	[ValidateRange(1, 1000)] [int] $Capacity = 50,
	[ValidatePattern('^[^"]*[^"\\]$')] [string] $Name = $env:COMPUTERNAME,
	[ValidatePattern('^([^"]*[^"\\])?$')] [string] $User = ''
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
	if ($User -eq '') { Invoke-Agent service update --program $program --state-dir $state }
	else { Invoke-Agent service update --program $program --state-dir $state --user $User }
	exit 0
}
if (-not $isEnrolled -and -not ($Server -and $Code)) {
	Write-Output 'This machine has no agent yet: give -Server and -Code, as the Agents page shows them.'
	exit 2
}
if (Test-Path -LiteralPath $agent) { Invoke-Agent service uninstall }
New-Item -ItemType Directory -Force -Path $program, $state | Out-Null
# Unpacked right where it belongs, there is nothing to copy.
if ((Resolve-Path -LiteralPath $PSScriptRoot).Path -ne (Resolve-Path -LiteralPath $program).Path) {
	Get-ChildItem -LiteralPath $PSScriptRoot | Copy-Item -Destination $program -Recurse -Force
}

if (-not $isEnrolled) {
	Invoke-Agent enrol --server $Server --code $Code --name $Name --capacity $Capacity --state-dir $state
}
if ($User -eq '') { Invoke-Agent service install --state-dir $state }
else { Invoke-Agent service install --state-dir $state --user $User }
# What it finds is for a person to read; the installation is done whatever it says.
& $node $agent doctor --state-dir $state

Write-Output ''
Write-Output 'The agent is installed. It works while its user is logged on; a disconnected session is enough.'
Write-Output 'So that it comes back after a restart of Windows, set up automatic logon for that user'
Write-Output '(Autologon of Sysinternals keeps the password as an LSA secret), and disconnect instead of logging off.'
Write-Output 'Next: "agent.cmd golden add" for each broker, then approve the agent on the Agents page.'
exit 0
