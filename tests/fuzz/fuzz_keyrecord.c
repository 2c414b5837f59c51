/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Key records (engine/keyrecord.h) of any bytes: loading and checking the
 * syntax agree, and a key that loads is loaded again from what is written.
 */
#include <assert.h>

#include "engine/keyrecord.h"
#include "tests/unit/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_written(const struct sp_keyrecord *record)
{
	struct sp_buffer out = {0};
	struct sp_keyrecord again;

	assert(sp_keyrecord_write(&out, &record->key) == SP_OK);
	parse_record(&again, sp_buffer_span(&out));
	assert(again.reason == SP_REASON_OK);
	assert(again.key.type == record->key.type);
	assert(again.key.bits == record->key.bits);
	assert(again.hash_sha1 && again.hash_sha256 && again.service_email);
	assert(!again.testing && !again.strict);
	sp_keyrecord_free(&again);
	sp_buffer_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sp_span value = sp_span(data, size);
	enum sp_reason syntax = sp_keyrecord_check(value);
	struct sp_keyrecord record;

	parse_record(&record, value);
	if (record.reason == SP_REASON_OK) {
		assert(syntax == SP_REASON_OK);
		assert(record.key.evp && !record.key.private_half);
		check_written(&record);
	} else {
		assert(!record.key.evp);
		assert(syntax == SP_REASON_OK || syntax == record.reason);
	}
	sp_keyrecord_free(&record);
	return 0;
}
