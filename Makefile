# SPDX-License-Identifier: Apache-2.0
# sealpress: make help
MODE ?= release
B := build/$(MODE)
ifeq ($(origin CC),default)
CC := gcc
endif
PKGS := libcrypto liburing libidn2 jansson
CPPFLAGS += -D_GNU_SOURCE -I. $(shell pkg-config --cflags $(PKGS))
WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wwrite-strings -Wpointer-arith -Wformat=2 -Wvla -Wundef
FLAGS_release := -O2 -g -D_FORTIFY_SOURCE=2
FLAGS_asan := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer
FLAGS_tsan := -O1 -g -fsanitize=thread
FLAGS_cov := -O0 -g --coverage
CFLAGS += -std=c11 $(WARN) $(FLAGS_$(MODE)) -fPIC -fstack-protector-strong \
	-pthread
LDFLAGS += $(FLAGS_$(MODE)) -pie -Wl,-z,relro,-z,now -pthread
ALLOC_release := -ljemalloc
LIBS := $(shell pkg-config --libs $(PKGS))
ARCH := $(shell $(CC) -dumpmachine | cut -d- -f1)
FOREIGN := $(if $(filter x86_64,$(ARCH)),%_generic.c %_neon.c,%_x86.c)

LIB_SRC := $(filter-out $(FOREIGN),$(wildcard base/*.c canon/*.c crypto/*.c \
	io/*.c engine/*.c))
LIB := $(B)/libsealpress.a
UNIT := $(patsubst %.c,$(B)/%,$(wildcard tests/unit/test_*.c))

all: $(B)/sealpress

$(B)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<
$(LIB): $(LIB_SRC:%.c=$(B)/%.o)
	@rm -f $@
	ar rcs $@ $^
$(B)/sealpress: $(patsubst %.c,$(B)/%.o,$(wildcard cli/*.c)) $(LIB)
	$(CC) $(LDFLAGS) -o $@ $^ $(LIBS) $(ALLOC_$(MODE))
$(B)/tests/unit/test_%: $(B)/tests/unit/test_%.o $(B)/tests/unit/guard.o $(LIB)
	$(CC) $(LDFLAGS) -o $@ $^ $(LIBS) -lcriterion
unit: $(UNIT)
	@set -e; for t in $(UNIT); do $$t; done
clean:
	rm -rf build
-include $(shell find $(B) -name '*.d' 2>/dev/null)
.PHONY: all unit clean
.PRECIOUS: $(B)/%.o
