# SPDX-License-Identifier: Apache-2.0
# sealpress: `make help` lists what can be made.
#
# Everything of a MODE lives in build/MODE. Its config.mk is looked at before
# all else: it installs or names what is missing, asks pkg-config, and keeps
# compiler and flags, so that every object can depend on them. When it changes,
# make reads itself again.

MODE ?= release
PREFIX ?= /usr/local
FUZZ_SECONDS ?= 20
JOBS ?= $(shell nproc)
ifneq ($(filter fuzz,$(MAKECMDGOALS)),)
override MODE := fuzz
CC := clang
else ifeq ($(origin CC),default)
CC := gcc
endif
B := build/$(MODE)
ARCH := $(shell uname -m)
VERSION := $(shell sed -n 's/^.define SP_VERSION "\(.*\)"/\1/p' \
	include/sealpress.h)
SONAME := libsealpress.so.$(firstword $(subst ., ,$(VERSION)))

.DEFAULT_GOAL := all
GOALS := $(or $(MAKECMDGOALS),all)
# Groups of packages (.ci/deps) that these goals install when missing.
INSTALL := $(if $(filter check,$(GOALS)),build check peers? cross?) \
	$(if $(filter demo,$(GOALS)),build) \
	$(if $(filter bench bench-peers bench-smoke,$(GOALS)),build bench peers go?) \
	$(if $(filter bench-peers,$(GOALS)),node?) \
	$(if $(filter bench-gate gate-proof,$(GOALS)),build gate) \
	$(if $(filter stress,$(GOALS)),build check stress) \
	$(if $(filter fuzz,$(GOALS)),build fuzz) \
	$(if $(filter lint,$(GOALS)),build check peers lint)
ifneq ($(filter-out help deps clean,$(GOALS)),)
include $(B)/config.mk
endif

WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wwrite-strings -Wpointer-arith -Wformat=2 -Wvla -Wundef \
	$(if $(WERROR),-Werror)
HARDEN := -fPIC -fstack-protector-strong -fstack-clash-protection \
	$(if $(filter x86_64,$(ARCH)),-fcf-protection)
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer
# Aligned to lines of the cache: a change elsewhere must not move a kernel's loops.
FLAGS_release := -O2 -g -D_FORTIFY_SOURCE=2 -falign-functions=64
FLAGS_asan := -O1 -g $(SANITIZE)
FLAGS_tsan := -O1 -g -fsanitize=thread
FLAGS_cov := -O0 -g --coverage
FLAGS_fuzz := -O1 -g $(SANITIZE) -fsanitize=fuzzer-no-link
ALLOC_release := -ljemalloc
$(if $(FLAGS_$(MODE)),,$(error MODE=$(MODE): there is release, asan, tsan, cov))
HOUSE_CPPFLAGS := -D_GNU_SOURCE -I. $(PKG_CFLAGS)
HOUSE_CFLAGS := -std=c11 -pthread $(WARN) $(HARDEN) $(FLAGS_$(MODE))
COMPILE = @echo CC $<; $(CC) $(HOUSE_CPPFLAGS) $(CPPFLAGS) $(HOUSE_CFLAGS) $(CFLAGS)
LINK = @echo LINK $@; $(CC) $(HOUSE_CFLAGS) $(CFLAGS) -Wl,-z,relro,-z,now \
	-Wl,--as-needed $(LDFLAGS)

X86 := %_x86.c %_ifma.c %_shani.c %_avx2.c %_avx512.c %_vbmi2.c
FOREIGN_x86_64 := %_generic.c %_neon.c
FOREIGN_aarch64 := $(X86) base/cpu_generic.c
FOREIGN := $(or $(FOREIGN_$(ARCH)),$(X86) %_neon.c)
LIB_SRC := $(filter-out $(FOREIGN),$(wildcard base/*.c canon/*.c crypto/*.c \
	io/*.c engine/*.c))
objects = $(patsubst %.c,$(B)/%.o,$(filter-out $(2) $(FOREIGN),$(wildcard $(1)/*.c)))
programs = $(patsubst %.c,$(B)/%,$(wildcard $(1)))
LIB := $(B)/libsealpress.a
CLI := $(B)/cli.a
MAIN := $(and $(wildcard cli/main.c),$(B)/sealpress)
# Linked into the program by the name sp_command_bench; not in the library.
BENCH := $(B)/bench.a
UNIT := $(if $(filter tsan,$(MODE)),,$(call programs,tests/unit/test_*.c))
FUZZ := $(call programs,tests/fuzz/fuzz_*.c)
STRESS := $(call programs,tests/stress/stress_*.c)
PEERS := $(and $(PEER_LIBS),$(B)/bench/peers/peer_opendkim \
	$(B)/tests/interop/opendkim_tool)
# Written in Go with Debian's packages; built where they are.
GO_PATH := /usr/share/gocode
GO_PEER := $(and $(wildcard $(GO_PATH)/src/github.com/emersion/go-msgauth), \
	$(shell command -v go),$(B)/bench/peers/peer_gomsgauth)
FAULTS := $(if $(filter release,$(MODE)),$(B)/tests/faults.so)
TAP := $(UNIT) $(if $(filter fuzz,$(MODE)),,$(FUZZ)) \
	$(wildcard tests/corpus/*.t tests/objects/*.t tests/gate/*.t \
	tests/portable/*.t) \
	$(if $(MAIN),$(wildcard tests/cli/*.t tests/interop/*.t \
	tests/install/*.t))

all: $(MAIN) $(LIB) $(B)/libsealpress.so $(B)/mkcorpus ## program, libraries
deps: ## install what everything here needs (apt)
	.ci/deps build check peers go? servers cross bench gate stress fuzz lint
demo: all ## sign and verify 10,000 messages; two minutes
	@B=$(B) bench/demo.sh
check: all $(UNIT) $(FUZZ) $(PEERS) $(FAULTS) ## all tests; no network
	@B=$(B) JOBS=$(JOBS) tests/run $(TAP)
stress: $(STRESS) ## programs that provoke races; best with MODE=tsan
	@B=$(B) JOBS=1 tests/run $(STRESS)
lint: $(B)/config.mk ## form, static analysis, layers, man pages
	@JOBS=$(JOBS) tests/lint.sh $(HOUSE_CPPFLAGS)
fuzz: $(FUZZ) ## every fuzz target for FUZZ_SECONDS=20
	@B=$(B) SECONDS_EACH=$(FUZZ_SECONDS) tests/fuzz/run.sh $(FUZZ)
bench: all $(PEERS) $(GO_PEER) ## all figures, tables and plots; under ten minutes
	@B=$(B) bench/run
bench-peers: all $(PEERS) $(GO_PEER) ## the same with mailauth, which npm fetches
	@npm install --silent --no-audit --no-fund --prefix build/peers \
		mailauth@4.13.3 || echo 'npm has no mailauth: it is left out' >&2
	@B=$(B) bench/run
bench-gate: all ## fails when a part is slower than in the commit before
	@B=$(B) bench/gate $(GATE)
gate-proof: all $(B)/tests/gate/slow ## TIMES=10: it catches 10 %, and no less
	@B=$(B) tests/gate/prove.sh $(or $(TIMES),1) $(PLACES)
bench-smoke: all $(PEERS) $(GO_PEER) ## do the benchmarks work at all?
	@B=$(B) bench/run --smoke

$(B)/config.mk: FORCE
	@$(if $(strip $(INSTALL)),.ci/deps $(INSTALL),.ci/deps -n build)
	@mkdir -p $(@D)
	@{ echo '# $(shell $(CC) --version 2>&1 | head -n 1)'; \
	echo '# $(CC) $(CPPFLAGS) $(CFLAGS) $(HOUSE_CFLAGS) $(LDFLAGS)'; \
	P='libcrypto liburing libidn2 jansson libcares sqlite3'; \
	echo "PKG_CFLAGS := $$(pkg-config --cflags $$P)"; \
	echo "PKG_LIBS := $$(pkg-config --libs $$P)"; \
	echo "PKG_CFLAGS += -DSP_LIBURING_VERSION=$$(pkg-config --modversion liburing)"; \
	echo "PEER_LIBS := $$(pkg-config --libs opendkim 2>/dev/null)"; \
	} >$@.new && if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi
$(B)/sources: FORCE
	@echo '$(LIB_SRC) $(wildcard cli/*.c)' | cmp -s - $@ || \
		echo '$(LIB_SRC) $(wildcard cli/*.c)' >$@
$(B)/%_avx512.o: HOUSE_CFLAGS += -O3 -mavx512f -mavx512bw
# Instrumented, these take clang many minutes; MODE=asan has them with gcc, and
# they share nothing that TSan could watch.
$(B)/%_ifma.o: HOUSE_CFLAGS += -O3 -mavx512f -mavx512bw -mavx512dq \
	-mavx512vl -mavx512ifma $(if $(filter fuzz tsan,$(MODE)),-fno-sanitize=all)
$(B)/%_shani.o: HOUSE_CFLAGS += -O3 -mavx2 -msha
$(B)/%_avx2.o: HOUSE_CFLAGS += -mavx2
$(B)/%_vbmi2.o: HOUSE_CFLAGS += -mavx512f -mavx512bw -mavx512vl -mavx512vbmi2 \
	-mbmi -mbmi2
$(B)/%.o: %.c $(B)/config.mk
	@mkdir -p $(@D)
	$(COMPILE) -MMD -MP -c -o $@ $<
$(LIB): $(LIB_SRC:%.c=$(B)/%.o) $(B)/sources
	@rm -f $@
	@echo AR $@; ar rcs $@ $(filter %.o,$^)
$(B)/libsealpress.map: include/sealpress.h
	@{ echo '$(subst .,_,SEALPRESS$(suffix $(SONAME))) {global:'; grep -o '\bsp_[a-z0-9_]*(' $< | \
		tr '(' ';' | sort -u; echo 'local: *;};'; } >$@
# What the public functions need, and nothing of the program's runs.
$(B)/libsealpress.so: $(LIB) $(B)/libsealpress.map
	$(LINK) -shared -Wl,-soname,$(SONAME) -Wl,--version-script=$(word 2,$^) \
		$$(sed -n 's/^ *\(sp_.*\);$$/-Wl,-u,\1/p' $(word 2,$^)) -o $@ $(LIB) \
		-Wl,--as-needed $(PKG_LIBS)
$(CLI): $(call objects,cli,cli/main.c) $(B)/sources
	@rm -f $@
	@echo AR $@; ar rcs $@ $(filter %.o,$^)
$(BENCH): $(call objects,bench) \
		$(call objects,corpus,corpus/generate.c corpus/options.c corpus/store.c)
	@rm -f $@
	@echo AR $@; ar rcs $@ $^
$(B)/sealpress: $(B)/cli/main.o $(BENCH) $(CLI) $(LIB)
	$(LINK) -pie -o $@ $(filter %.o %.a,$^) $(PKG_LIBS) $(ALLOC_$(MODE))
# The program with places that can be made slow: tests/gate/slow.c.
SLOW := bodyhash_run lanes_run keycache_get keyrecord_parse sha256_shani_two \
	sha256_avx512 message_split signature_parse mbox_find base64_encode \
	base64_decode header_canon scan_vbmi2 scan_avx2 rsa_ifma ed25519_ifma \
	report_ndjson
$(B)/tests/gate/slow: tests/gate/slow.c $(B)/cli/main.o $(BENCH) $(CLI) $(LIB)
	@mkdir -p $(@D)
	$(COMPILE) -c -o $@.o $<
	$(LINK) -pie -o $@ $(SLOW:%=-Wl,--wrap=sp_%) \
		$@.o $(filter %.o %.a,$^) $(PKG_LIBS) $(ALLOC_$(MODE))
$(B)/mkcorpus: $(call objects,corpus) $(LIB)
	$(LINK) -pie -o $@ $^ $(PKG_LIBS)
$(B)/tests/unit/helpers.a: $(call objects,tests/unit,tests/unit/test_%)
	@rm -f $@
	@echo AR $@; ar rcs $@ $^
$(B)/tests/unit/test_%: $(B)/tests/unit/test_%.o $(B)/tests/unit/helpers.a \
		$(CLI) $(LIB)
	$(LINK) -pie -o $@ $^ $(PKG_LIBS) -lcriterion
$(B)/tests/faults.so: $(call objects,tests/faults)
	$(LINK) -shared -o $@ $^
ifeq ($(MODE),fuzz)
$(FUZZ): %: %.o $(B)/tests/unit/helpers.a $(CLI) $(LIB)
	$(LINK) -fsanitize=fuzzer -o $@ $^ $(PKG_LIBS)
else
$(FUZZ): %: %.o $(B)/tests/fuzz/replay.o $(B)/tests/unit/helpers.a $(CLI) \
		$(LIB)
	$(LINK) -pie -o $@ $^ $(PKG_LIBS)
endif
$(STRESS): %: %.o $(B)/tests/unit/helpers.a $(LIB)
	$(LINK) -pie -o $@ $^ $(PKG_LIBS) -lm
$(PEERS): %: %.o $(B)/bench/peers/opendkim_peer.o $(LIB)
	$(LINK) -pie -o $@ $^ $(PEER_LIBS) $(PKG_LIBS) $(ALLOC_$(MODE))
$(B)/bench/peers/peer_gomsgauth: bench/peers/peer_gomsgauth.go $(B)/config.mk
	@mkdir -p $(@D)
	@echo GO $<; GO111MODULE=off GOPATH=$(GO_PATH) GOFLAGS= \
		GOCACHE=$(abspath $(B))/go go build -o $@ -ldflags "-X \
		main.version=$$(dpkg-query -W -f '$${Version}' \
		golang-github-emersion-go-msgauth-dev | sed 's/-.*//')" $<

D := $(DESTDIR)$(PREFIX)
install: all ## into DESTDIR, PREFIX=/usr/local
	install -d $(D)/bin $(D)/include $(D)/lib/pkgconfig
	install -m 755 $(B)/sealpress $(D)/bin
	install -m 644 include/sealpress.h $(D)/include
	install -m 644 $(LIB) $(D)/lib
	install -m 644 $(B)/libsealpress.so $(D)/lib/libsealpress.so.$(VERSION)
	ln -sf libsealpress.so.$(VERSION) $(D)/lib/$(SONAME)
	ln -sf $(SONAME) $(D)/lib/libsealpress.so
	sed 's|@PREFIX@|$(PREFIX)|; s|@VERSION@|$(VERSION)|' sealpress.pc.in \
		>$(D)/lib/pkgconfig/sealpress.pc
	for page in docs/*.[1-8]; do install -D -m 644 $$page \
		$(D)/share/man/man$${page##*.}/$${page##*/}; done
clean: ## remove build/
	rm -rf build
help: ## this list
	@echo 'make TARGET [MODE=release|asan|tsan|cov] [CC=gcc|clang] [WERROR=1]'
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | \
		expand -t 16
FORCE:
-include $(shell find $(B) -name '*.d' 2>/dev/null)
.PHONY: all deps demo check stress fuzz bench bench-peers bench-gate gate-proof bench-smoke lint install clean \
	help FORCE
.PRECIOUS: $(B)/%.o
