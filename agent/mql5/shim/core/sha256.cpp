#include "core/sha256.h"
#include <array>
#include <cmath>
#include <cstdint>

namespace shim {
namespace {

using Words = std::array<std::uint32_t, 64>;

std::uint32_t rotate(std::uint32_t x, int n) { return (x >> n) | (x << (32 - n)); }

/** The first 32 bits of the fractional part of a root of the n-th prime: where FIPS 180-4 takes its constants from. */
Words fractionsOfRoots(bool isCube) {
	Words words{};
	int found = 0;
	for(int candidate = 2; found < 64; candidate++) {
		bool isPrime = true;
		for(int divisor = 2; divisor * divisor <= candidate; divisor++)
			if(candidate % divisor == 0) isPrime = false;
		if(!isPrime) continue;
		auto number = static_cast<long double>(candidate);
		long double root = isCube ? cbrtl(number) : sqrtl(number);
		words[static_cast<std::size_t>(found++)] =
			static_cast<std::uint32_t>((root - floorl(root)) * 4294967296.0L);
	}
	return words;
}

void digestBlock(const unsigned char *block, std::array<std::uint32_t, 8> &state) {
	static const Words K = fractionsOfRoots(true);
	Words w{};
	for(std::size_t i = 0; i < 16; i++)
		w[i] = static_cast<std::uint32_t>(block[4 * i]) << 24 | static_cast<std::uint32_t>(block[4 * i + 1]) << 16 |
				 static_cast<std::uint32_t>(block[4 * i + 2]) << 8 | block[4 * i + 3];
	for(std::size_t i = 16; i < 64; i++) {
		std::uint32_t s0 = rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ (w[i - 15] >> 3);
		std::uint32_t s1 = rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ (w[i - 2] >> 10);
		w[i] = w[i - 16] + s0 + w[i - 7] + s1;
	}
	auto [a, b, c, d, e, f, g, h] = state;
	for(std::size_t i = 0; i < 64; i++) {
		std::uint32_t s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
		std::uint32_t t1 = h + s1 + ((e & f) ^ (~e & g)) + K[i] + w[i];
		std::uint32_t s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
		std::uint32_t t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
		h = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + t2;
	}
	const std::array<std::uint32_t, 8> added{a, b, c, d, e, f, g, h};
	for(std::size_t i = 0; i < 8; i++) state[i] += added[i];
}

} // namespace

std::string sha256Hex(const std::string &bytes) {
	Words roots = fractionsOfRoots(false);
	std::array<std::uint32_t, 8> state{};
	for(std::size_t i = 0; i < 8; i++) state[i] = roots[i];
	std::string padded = bytes + '\x80';
	while(padded.size() % 64 != 56) padded += '\0';
	for(int shift = 56; shift >= 0; shift -= 8)
		padded += static_cast<char>((static_cast<std::uint64_t>(bytes.size()) * 8) >> shift & 0xff);
	for(std::size_t at = 0; at < padded.size(); at += 64)
		digestBlock(reinterpret_cast<const unsigned char *>(padded.data()) + at, state);
	std::string hex;
	for(std::uint32_t word : state)
		for(int shift = 28; shift >= 0; shift -= 4) hex += "0123456789abcdef"[word >> shift & 15];
	return hex;
}

} // namespace shim
