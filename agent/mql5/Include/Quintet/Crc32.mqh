/** CRC-32 (IEEE 802.3, the one of zlib) over the first `count` bytes. */
#ifndef QUINTET_CRC32_MQH
#define QUINTET_CRC32_MQH

uint Crc32Of(const uchar &bytes[], const int start, const int count) {
	uint crc = 0xFFFFFFFF;
	for(int i = start; i < start + count; i++) {
		crc ^= bytes[i];
		for(int bit = 0; bit < 8; bit++) {
			if((crc & 1) != 0)
				crc = (crc >> 1) ^ 0xEDB88320;
			else
				crc = crc >> 1;
		}
	}
	return crc ^ 0xFFFFFFFF;
}

/** Lower-case hexadecimal digits of `value`, the last `digits` of them. */
string HexText(const uint value, const int digits) {
	string result = "";
	for(int i = digits - 1; i >= 0; i--) {
		int digit = (int)((value >> (4 * i)) & 15);
		result += StringSubstr("0123456789abcdef", digit, 1);
	}
	return result;
}

#endif
