# The flags of every target, and one line per module and test.

add_library(gyeol_flags INTERFACE)
target_compile_definitions(gyeol_flags INTERFACE _GNU_SOURCE)
target_include_directories(gyeol_flags INTERFACE ${CMAKE_SOURCE_DIR}/src)
target_compile_options(gyeol_flags INTERFACE
  -Wall -Wextra -Wshadow -Wconversion -Wpointer-arith -Wcast-align -Wcast-qual -Wwrite-strings
  -Wvla -Wformat=2 -Wundef -Wdouble-promotion -Wimplicit-fallthrough
  $<$<COMPILE_LANGUAGE:C>:-Wstrict-prototypes -Wmissing-prototypes>
  -fvisibility=hidden -fno-math-errno -g)
if(GYEOL_WERROR)
  target_compile_options(gyeol_flags INTERFACE -Werror)
endif()
if(GYEOL_SANITIZE)
  target_compile_options(gyeol_flags INTERFACE
    -fsanitize=${GYEOL_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(gyeol_flags INTERFACE -fsanitize=${GYEOL_SANITIZE})
elseif(CMAKE_BUILD_TYPE STREQUAL "Release")
  target_compile_options(gyeol_flags INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong)
  target_link_options(gyeol_flags INTERFACE -Wl,-z,relro,-z,now)
endif()
if(GYEOL_FUZZ)
  target_compile_options(gyeol_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

# gy_module(NAME SOURCES a.c b.c USES base SYSTEM ICU::uc)
function(gy_module name)
  cmake_parse_arguments(M "" "" "SOURCES;USES;SYSTEM" ${ARGN})
  add_library(gy_${name} STATIC ${M_SOURCES})
  list(TRANSFORM M_USES PREPEND gy_)
  target_link_libraries(gy_${name} PUBLIC gyeol_flags ${M_USES} PRIVATE ${M_SYSTEM})
endfunction()

# gy_test(NAME SOURCES test_x.c USES base [LABELS unit] [TIMEOUT 120]): one program, one ctest test.
function(gy_test name)
  cmake_parse_arguments(T "" "TIMEOUT" "SOURCES;USES;SYSTEM;LABELS" ${ARGN})
  add_executable(${name} ${T_SOURCES})
  list(TRANSFORM T_USES PREPEND gy_)
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests)
  target_link_libraries(${name} PRIVATE gyeol_flags ${T_USES} ${T_SYSTEM} PkgConfig::cmocka)
  add_test(NAME ${name} COMMAND ${name})
  if(NOT T_LABELS)
    set(T_LABELS unit)
  endif()
  if(NOT T_TIMEOUT)
    set(T_TIMEOUT 120)
  endif()
  set_tests_properties(${name} PROPERTIES LABELS "${T_LABELS}" TIMEOUT ${T_TIMEOUT})
endfunction()

# gy_script_test(NAME LABELS TIMEOUT COMMAND…): a Python script under ctest.
function(gy_script_test name labels timeout)
  add_test(NAME ${name} COMMAND python3 ${ARGN})
  set_tests_properties(${name} PROPERTIES LABELS "${labels}" TIMEOUT ${timeout})
endfunction()

# All fuzzers, without whatever else the build has.
add_custom_target(fuzzers)

# gy_fuzzer(NAME SOURCES fuzz_x.c USES lang): with libFuzzer under GYEOL_FUZZ; always also as a
# ctest test NAME that runs the corpus tests/fuzz/corpus/NAME through the same code.
function(gy_fuzzer name)
  cmake_parse_arguments(F "" "" "SOURCES;USES;SYSTEM" ${ARGN})
  list(TRANSFORM F_USES PREPEND gy_)
  if(GYEOL_FUZZ)
    add_executable(${name} ${F_SOURCES})
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  else()
    add_executable(${name} ${F_SOURCES} ${CMAKE_SOURCE_DIR}/tests/fuzz/corpus_main.c)
    add_test(NAME ${name} COMMAND ${name} ${CMAKE_SOURCE_DIR}/tests/fuzz/corpus/${name})
    set_tests_properties(${name} PROPERTIES LABELS fuzz TIMEOUT 300)
  endif()
  add_dependencies(fuzzers ${name})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests)
  target_link_libraries(${name} PRIVATE gyeol_flags ${F_USES} ${F_SYSTEM})
endfunction()
