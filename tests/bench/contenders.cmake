# The contenders of tests/bench/contend.sh, where their libraries are installed.
add_library(bench_facts STATIC facts.c town.c)
target_link_libraries(bench_facts PUBLIC bench_load gp_flags)

pkg_check_modules(LIBPQ QUIET IMPORTED_TARGET libpq)
if(LIBPQ_FOUND)
  add_executable(bench_postgres postgres.c)
  target_link_libraries(bench_postgres PRIVATE bench_facts PkgConfig::LIBPQ gp_flags)
endif()

pkg_check_modules(HIREDIS QUIET IMPORTED_TARGET hiredis)
if(HIREDIS_FOUND)
  add_executable(bench_redis redis.c)
  target_link_libraries(bench_redis PRIVATE bench_facts PkgConfig::HIREDIS gp_flags)
endif()

add_executable(bench_nats nats.c) # needs no library
target_link_libraries(bench_nats PRIVATE bench_facts gp_flags)

add_executable(bench_lmdb lmdb.c)
target_link_libraries(bench_lmdb PRIVATE bench_facts PkgConfig::LMDB gp_flags)
