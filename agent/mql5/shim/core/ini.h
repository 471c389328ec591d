// MetaTrader's INI form, read as agent/src/terminal/iniText.ts reads it.
#pragma once
#include <map>
#include <string>

namespace shim {

using Ini = std::map<std::string, std::map<std::string, std::string>>;
/** Of a key given twice the first counts. @param bytes of the file, UTF-16LE with mark or UTF-8 */
Ini readIni(const std::string &bytes);
/** The value, or empty. */
std::string iniValue(const Ini &ini, const std::string &section, const std::string &key);

} // namespace shim
