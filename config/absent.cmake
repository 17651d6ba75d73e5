# Copies into GP_CONFIGDIR (below DESTDIR) what is absent there: never over a live city's files. The
# files of org/ are one city and belong together: they come all, or, where there is a folder org
# already, not at all, since people of the sample would be strangers in it.
set(target "$ENV{DESTDIR}${GP_CONFIGDIR}")
file(GLOB_RECURSE names RELATIVE "${GP_SAMPLE}" "${GP_SAMPLE}/*.yaml" "${GP_SAMPLE}/*.csv" "${GP_SAMPLE}/*.scenario"
     "${GP_SAMPLE}/README.md")
list(FILTER names EXCLUDE REGEX "^monitoring/") # of whoever watches, and of no city
set(has_org FALSE)
if(EXISTS "${target}/org")
  set(has_org TRUE)
endif()
foreach(name IN LISTS names)
  if(EXISTS "${target}/${name}" OR (has_org AND name MATCHES "^org/"))
    message(STATUS "Kept as it is: ${target}/${name}")
    continue()
  endif()
  get_filename_component(folder "${GP_CONFIGDIR}/${name}" DIRECTORY) # file() adds DESTDIR itself
  file(INSTALL DESTINATION "${folder}" TYPE FILE FILES "${GP_SAMPLE}/${name}")
endforeach()
