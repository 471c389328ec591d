-- AlterTable
ALTER TABLE "Mt5Account" ADD COLUMN     "expertFileId" UUID;

-- CreateTable
CREATE TABLE "ExpertFile" (
    "id" UUID NOT NULL,
    "userId" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "sha256" TEXT NOT NULL,
    "bytes" INTEGER NOT NULL,
    "ex5" BYTEA NOT NULL,
    "setName" TEXT,
    "inputs" TEXT NOT NULL DEFAULT '',
    "inputsSha256" TEXT NOT NULL DEFAULT '',
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "ExpertFile_pkey" PRIMARY KEY ("id")
);

-- Agents ask for it in parts: uncompressed, a part is read without the rest. Compiled EAs compress badly anyway.
ALTER TABLE "ExpertFile" ALTER COLUMN "ex5" SET STORAGE EXTERNAL;

-- CreateIndex
CREATE UNIQUE INDEX "ExpertFile_userId_sha256_inputsSha256_key" ON "ExpertFile"("userId", "sha256", "inputsSha256");

-- CreateIndex
CREATE INDEX "Mt5Account_expertFileId_idx" ON "Mt5Account"("expertFileId");

-- AddForeignKey
ALTER TABLE "Mt5Account" ADD CONSTRAINT "Mt5Account_expertFileId_fkey" FOREIGN KEY ("expertFileId") REFERENCES "ExpertFile"("id") ON DELETE NO ACTION ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ExpertFile" ADD CONSTRAINT "ExpertFile_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;
