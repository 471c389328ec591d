/** Numbers as the contract writes them: decimal text with a point, never an exponent, never "-0.00". */
#ifndef QUINTET_DECIMAL_MQH
#define QUINTET_DECIMAL_MQH

/** The contract's largest number has fifteen digits before the point. */
#define DECIMAL_LIMIT 999999999999999.0

string DecimalText(const double value, const int digits) {
	double bounded = value;
	if(!MathIsValidNumber(value))
		bounded = 0;
	bounded = MathMax(-DECIMAL_LIMIT, MathMin(DECIMAL_LIMIT, bounded));
	string text = DoubleToString(bounded, digits);
	// A negative number that rounds to nothing has no sign.
	if(StringGetCharacter(text, 0) == '-' && StringToDouble(text) == 0)
		text = StringSubstr(text, 1);
	return text;
}

/** A volume in lots: two digits after the point, and more only where the volume has them. */
string LotsText(const double lots) {
	for(int digits = 2; digits < 8; digits++) {
		if(MathAbs(lots - NormalizeDouble(lots, digits)) < 0.000000001)
			return DecimalText(lots, digits);
	}
	return DecimalText(lots, 8);
}

/** Money in the account's currency. */
string MoneyText(const double amount) {
	return DecimalText(amount, (int)AccountInfoInteger(ACCOUNT_CURRENCY_DIGITS));
}

#endif
