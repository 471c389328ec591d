<#
.SYNOPSIS
Removes the service of the Quintet agent. Terminals that run go on, and their folders, the keys and the journal stay.
.EXAMPLE
.\uninstall.ps1
#>
#Requires -Version 5.1
#Requires -RunAsAdministrator
[CmdletBinding()]
param(
	[ValidatePattern('^[A-Za-z]:\\[^\s"]+$')] [string] $Directory = 'C:\Quintet'
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$program = Join-Path -Path $Directory -ChildPath 'program'
$node = Join-Path -Path $program -ChildPath 'node.exe'
$agent = Join-Path -Path $program -ChildPath 'agent.mjs'
& $node $agent service uninstall
exit $LASTEXITCODE
