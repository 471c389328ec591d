@"%~dp0node.exe" "%~dp0agent.mjs" %*
