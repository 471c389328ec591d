-- Passwords were bound to their row and agent, not to the login and broker server they are for. They cannot be bound
-- after the fact without trusting the row, which is what the binding is against: traders are asked for them again.
UPDATE "Mt5Account" SET "sealedPassword" = NULL;
